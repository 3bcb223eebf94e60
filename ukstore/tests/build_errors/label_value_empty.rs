//~ : a label value must not be empty
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", status = [""];
}

fn main() {}
