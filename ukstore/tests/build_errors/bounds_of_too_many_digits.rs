//~ a bucket's bound has at most 15 digits that matter
ukstore::histogram! {
    /// It.
    static A = "/a/b_bytes", "a_x_bytes", Bytes, [1, 1_000_000_000_000_001];
}

fn main() {}
