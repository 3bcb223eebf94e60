//~ /a/b: the default is outside of the range
ukstore::setting! {
    /// It.
    static A: Duration = Duration::ZERO, in Duration::from_millis(1)..=Duration::from_secs(1), "/a/b", Seconds;
}
use core::time::Duration;

fn main() {}
