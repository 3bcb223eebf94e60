//~ le: the labels le and quantile belong to histograms and summaries
ukstore::class! {
    /// It.
    static A: Class<struct B> = "/a/b", label worker, series 8 {
        /// It.
        counter c = "c_total" { le = ["x"] };
    }
}

fn main() {}
