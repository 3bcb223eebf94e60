//~ 2xx: the same label value twice
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", status = ["2xx", "2xx"];
}

fn main() {}
