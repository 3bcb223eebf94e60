//~ /a/b: the unit of a Duration is Seconds
ukstore::setting! {
    /// It.
    static A: core::time::Duration = core::time::Duration::ZERO, "/a/b", Bytes;
}

fn main() {}
