//~ ukstore: an exponential histogram's range ends below 2^64
ukstore::histogram! {
    /// It.
    static A = "/a/size_bytes", "a_size_bytes", Bytes, exponential 0 from 0x100_0000_0000 to 0xffff_ffff_ffff_ffff;
}

fn main() {}
