//~ quantile: the labels le and quantile belong to histograms and summaries
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", quantile = ["ok"];
}

fn main() {}
