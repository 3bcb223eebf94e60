//~ /a/b: help is missing: write a doc comment
ukstore::setting! {
    static A: bool = true, "/a/b";
}

fn main() {}
