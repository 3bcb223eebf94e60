//~ /a/b: at most 2 histograms in one group or object
ukstore::class! {
    /// It.
    static A: Class<B> = "/a/b" {
        /// It.
        histogram "c_seconds", Seconds => .c;
        /// It.
        histogram "d_seconds", Seconds => .d;
        /// It.
        histogram "e_seconds", Seconds => .e;
    }
}

ukstore::buckets! {
    /// Waits.
    pub struct Waits = Seconds, [1];
}

pub struct B {
    c: Waits,
    d: Waits,
    e: Waits,
}

fn main() {}
