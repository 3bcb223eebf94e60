//~ le: the labels le and quantile belong to histograms and summaries
ukstore::states! {
    /// It.
    static A: Role = "/a/role", "le";
}

ukstore::labels! {
    /// What it does.
    enum Role {
        Idle = "idle",
    }
}

fn main() {}
