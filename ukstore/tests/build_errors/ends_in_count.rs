//~ a_count: the endings _count, _sum and _bucket belong to histograms' samples
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_count";
}

fn main() {}
