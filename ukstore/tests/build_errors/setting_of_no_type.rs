//~ char
ukstore::setting! {
    /// It.
    static A: char = 'a', "/a/b";
}

fn main() {}
