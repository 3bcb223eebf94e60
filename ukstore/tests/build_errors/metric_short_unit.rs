//~ a_wait_ms: a metric name has base units in full, and no metric type in it
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_wait_ms";
}

fn main() {}
