//~ /a/b: the range is empty: the least value comes first
ukstore::setting! {
    /// It.
    static A: u64 = 5, in 9..=1, "/a/b";
}

fn main() {}
