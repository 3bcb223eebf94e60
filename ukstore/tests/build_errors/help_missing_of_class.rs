//~ /a/b: help is missing: write a doc comment
ukstore::class! {
    static A: Class<struct B> = "/a/b" {
        /// It.
        counter c = "c_total";
    }
}

fn main() {}
