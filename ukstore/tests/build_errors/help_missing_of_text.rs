//~ /a/b: help is missing: write a doc comment
ukstore::text! {
    static A = "/a/b";
}

fn main() {}
