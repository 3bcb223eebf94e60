//~ /a/b c: a path has letters, digits, _ - . and slashes only
ukstore::counter! {
    /// It.
    static A = "/a/b c", "a_x_total";
}

fn main() {}
