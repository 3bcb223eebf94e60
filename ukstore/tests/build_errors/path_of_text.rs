//~ a: a path begins with /
ukstore::text! {
    /// It.
    static A = "a";
}

fn main() {}
