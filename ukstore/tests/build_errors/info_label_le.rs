//~ le: the labels le and quantile belong to histograms and summaries
ukstore::info! {
    /// It.
    "/a/build", "a_build_info", { le = "1" };
}

fn main() {}
