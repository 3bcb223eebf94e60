//~ a"b: a label value has no quotes, backslashes or control characters
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", status = ["a\"b"];
}

fn main() {}
