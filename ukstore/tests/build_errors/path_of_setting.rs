//~ /a/b%: a path has letters, digits, _ - . and slashes only
ukstore::setting! {
    /// It.
    static A: u64 = 1, "/a/b%";
}

fn main() {}
