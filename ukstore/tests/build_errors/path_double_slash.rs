//~ /a//b: a path has single slashes
ukstore::counter! {
    /// It.
    static A = "/a//b", "a_x_total";
}

fn main() {}
