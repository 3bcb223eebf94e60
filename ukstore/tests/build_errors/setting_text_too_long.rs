//~ ukstore: a text setting has at most 255 bytes
ukstore::setting! {
    /// It.
    static A: text(256) = "a", "/a/b";
}

fn main() {}
