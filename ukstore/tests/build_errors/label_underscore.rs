//~ _status: a label begins with a lower-case letter
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", _status = ["ok"];
}

fn main() {}
