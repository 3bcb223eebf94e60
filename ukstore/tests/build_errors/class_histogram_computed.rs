//~ a histogram names a cell
ukstore::class! {
    /// It.
    static A: Class<u64> = "/a/b" {
        /// It.
        histogram "c_seconds", Seconds => prompt |object| ukstore::Value::U64(*object);
    }
}

fn main() {}
