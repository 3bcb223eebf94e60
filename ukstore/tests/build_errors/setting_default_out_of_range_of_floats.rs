//~ /a/b_ratio: the default is outside of the range
ukstore::setting! {
    /// It.
    static A: f64 = 1.5, in 0.0..=1.0, "/a/b_ratio", Ratio;
}

fn main() {}
