//~ statusCode: a label has lower-case letters, digits and _ only
ukstore::counters! {
    /// It.
    static A = "/a/b_total", "a_x_total", statusCode = ["ok"];
}

fn main() {}
