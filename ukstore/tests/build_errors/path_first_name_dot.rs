//~ /a.b: the first name of a path has letters, digits and _ only
ukstore::counter! {
    /// It.
    static A = "/a.b", "a_x_total";
}

fn main() {}
