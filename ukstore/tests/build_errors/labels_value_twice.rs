//~ full: the same label value twice
ukstore::labels! {
    /// Why.
    enum Reason {
        Full = "full",
        Late = "full",
    }
}

fn main() {}
