//~ a histogram's field names a type made by `buckets!`
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        /// It.
        histogram c = "c_seconds", Seconds;
    }
}

fn main() {}
