//~ a_x_seconds_total: unit is missing: the name ends in one, so declare it
ukstore::counter! {
    /// It.
    static A = "/a/b", "a_x_seconds_total";
}

fn main() {}
