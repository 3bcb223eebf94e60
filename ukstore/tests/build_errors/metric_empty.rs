//~ : a metric name begins with a letter
ukstore::gauge! {
    /// It.
    static A = "/a/b", "";
}

fn main() {}
