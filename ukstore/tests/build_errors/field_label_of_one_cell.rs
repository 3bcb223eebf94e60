//~ a field with a label names an array of as many cells as the label has values
ukstore::class! {
    /// It.
    static A: Class<B> = "/a/b" {
        /// It.
        counter "c_total" { side = ["left", "right"] } => .c;
    }
}

pub struct B {
    c: ukstore::Counter,
}

fn main() {}
