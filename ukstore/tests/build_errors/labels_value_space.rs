//~ too late: a name in a path has letters, digits, _ - and . only
ukstore::labels! {
    /// Why.
    enum Reason {
        Late = "too late",
    }
}

fn main() {}
