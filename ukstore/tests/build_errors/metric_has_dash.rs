//~ a-b: a metric name has letters, digits and _ only
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a-b";
}

fn main() {}
