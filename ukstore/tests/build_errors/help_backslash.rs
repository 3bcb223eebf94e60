//~ a_x_total: help has no backslashes or control characters
ukstore::counter! {
    /// A \ in it.
    static A = "/a/b", "a_x_total";
}

fn main() {}
