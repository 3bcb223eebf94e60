//~ ukstore: a text setting has at most 255 bytes
ukstore::setting! {
    /// It.
    static A: text(3) = "four", "/a/b";
}

fn main() {}
