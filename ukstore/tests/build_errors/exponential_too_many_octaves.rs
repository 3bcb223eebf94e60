//~ ukstore: an exponential histogram spans at most 61 octaves
ukstore::histogram! {
    /// It.
    static A = "/a/size_bytes", "a_size_bytes", Bytes, exponential 0 from 1 to 0x8000_0000_0000_0000;
}

fn main() {}
