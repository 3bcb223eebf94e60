//~ a_gauge_x: a metric name has base units in full, and no metric type in it
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_gauge_x";
}

fn main() {}
