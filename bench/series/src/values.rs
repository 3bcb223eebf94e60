//! Values of all lengths, the same in every run.

/// A sequence that looks random.
#[derive(Debug)]
pub(crate) struct Values(u64);

impl Values {
    pub(crate) const fn new() -> Self {
        Self(1)
    }

    /// Zero, once in four times, or a number of one to ten digits.
    pub(crate) fn next(&mut self) -> u64 {
        // Knuth's MMIX generator. Its low bits repeat soon, so the high ones are used.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (length, digits) = (self.0 >> 56, (self.0 >> 16) & 0xff_ffff_ffff);
        if length % 4 == 0 {
            return 0;
        }
        let digits_more = u32::try_from((length / 4) % 10).unwrap_or(0);
        let smallest = 10_u64.pow(digits_more);
        smallest + digits % (9 * smallest)
    }

    /// The same for what may be signed.
    pub(crate) fn next_signed(&mut self) -> i64 {
        i64::try_from(self.next()).unwrap_or(0)
    }
}
