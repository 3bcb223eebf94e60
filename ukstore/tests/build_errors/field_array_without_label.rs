//~ one without a single cell
ukstore::class! {
    /// It.
    static A: Class<B> = "/a/b" {
        /// It.
        counter "c_total" => .c;
    }
}

pub struct B {
    c: [ukstore::Counter; 2],
}

fn main() {}
