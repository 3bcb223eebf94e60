//~ a/b: a path begins with /
ukstore::counter! {
    /// It.
    static A = "a/b", "a_x_total";
}

fn main() {}
