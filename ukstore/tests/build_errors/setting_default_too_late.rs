//~ /a/b: a setting's default and range are finite, and below 584 years
ukstore::setting! {
    /// It.
    static A: core::time::Duration = core::time::Duration::MAX, "/a/b", Seconds;
}

fn main() {}
