//~ 9_lives: a metric name begins with a letter
ukstore::gauge! {
    /// It.
    static A = "/a/b", "9_lives";
}

fn main() {}
