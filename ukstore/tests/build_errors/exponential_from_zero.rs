//~ ukstore: an exponential histogram's range begins above 0 and grows
ukstore::histogram! {
    /// It.
    static A = "/a/wait_seconds", "a_wait_seconds", Seconds, exponential 3 from 0 to 100;
}

fn main() {}
