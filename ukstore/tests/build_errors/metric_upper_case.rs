//~ a_heapUsed: a metric name of ours is in lower case
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_heapUsed";
}

fn main() {}
