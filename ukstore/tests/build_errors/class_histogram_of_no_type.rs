//~ a histogram's field names a type made by `buckets!`
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b" {
        /// It.
        histogram c = "c_seconds", Seconds;
    }
}

fn main() {}
