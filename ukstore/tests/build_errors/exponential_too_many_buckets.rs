//~ ukstore: an exponential histogram has at most 320 buckets
ukstore::histogram! {
    /// It.
    static A = "/a/wait_seconds", "a_wait_seconds", Seconds, exponential 4 from 1_000 to 100_000_000_000;
}

fn main() {}
