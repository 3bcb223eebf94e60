//~ a_sum: the endings _count, _sum and _bucket belong to histograms' samples
ukstore::gauge! {
    /// It.
    static A = "/a/b", "a_sum";
}

fn main() {}
