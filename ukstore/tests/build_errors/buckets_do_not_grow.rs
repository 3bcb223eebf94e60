//~ ukstore: a histogram's bounds must grow
ukstore::buckets! {
    /// It.
    pub struct Waits = Seconds, [2, 1];
}

pub const KEPT: fn(&Waits, u64) = Waits::observe;

fn main() {}
