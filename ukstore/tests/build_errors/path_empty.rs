//~ : a path begins with /
ukstore::counter! {
    /// It.
    static A = "", "a_x_total";
}

fn main() {}
