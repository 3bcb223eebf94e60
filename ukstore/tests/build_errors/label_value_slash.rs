//~ a/b: a name in a path has letters, digits, _ - and . only
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", status = ["a/b"];
}

fn main() {}
