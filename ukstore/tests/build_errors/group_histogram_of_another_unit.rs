//~ c_bytes: its unit is not that of its buckets
ukstore::group! {
    /// It.
    static A: struct B = "/a/b" {
        /// It.
        histogram c: Waits = "c_bytes", Bytes;
    }
}
ukstore::buckets! {
    /// Waits.
    pub struct Waits = Seconds, [1, 2];
}

fn main() {}
