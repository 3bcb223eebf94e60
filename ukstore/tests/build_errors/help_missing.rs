//~ a_x_total: help is missing: write a doc comment
ukstore::counter! {
    static A = "/a/b", "a_x_total";
}

fn main() {}
