//~ /a/b: a setting's default and range are finite
ukstore::setting! {
    /// It.
    static A: f64 = 0.0, in 0.0..=f64::INFINITY, "/a/b";
}

fn main() {}
