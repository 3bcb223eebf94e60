//~ ukstore: a help text has at most 2047 bytes
ukstore::counter! {
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    /// words words words words words words words words words words words words words words words words words words.
    static A = "/a/b", "a_x_total";
}

fn main() {}
