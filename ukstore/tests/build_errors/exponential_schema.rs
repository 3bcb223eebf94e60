//~ ukstore: an exponential histogram's schema is 0 to 4
ukstore::histogram! {
    /// It.
    static A = "/a/wait_seconds", "a_wait_seconds", Seconds, exponential 5 from 1_000 to 1_000_000;
}

fn main() {}
