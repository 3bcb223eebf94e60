//~ /a/b/: a path ends in a name, not in /
ukstore::counter! {
    /// It.
    static A = "/a/b/", "a_x_total";
}

fn main() {}
