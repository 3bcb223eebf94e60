//~ a_wait: a metric name ends in its unit: _seconds, _bytes or _ratio
ukstore::histogram! {
    /// It.
    static A = "/a/wait", "a_wait", Seconds, [1];
}

fn main() {}
