//~ /a/b: a setting's default and range are finite
ukstore::setting! {
    /// It.
    static A: f64 = f64::NAN, "/a/b";
}

fn main() {}
