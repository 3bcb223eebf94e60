//~ ukstore: a histogram's bounds must grow
ukstore::histogram! {
    /// It.
    static A = "/a/wait_seconds", "a_wait_seconds", Seconds, [1, 2, 2];
}

fn main() {}
