//! `histogram!`: a static, its path and its family. `buckets!`: a histogram that is a field of a struct.

/// Declares histograms: path, name, unit and buckets. The doc comment is the help text.
///
/// Buckets are at most 31 growing upper bounds, without `+Inf`, or exponential ones over a range. Both are written in
/// whole units, in billionths if the unit is seconds or ratio.
///
/// ```
/// ukstore::histogram! {
///     /// Time from request to reply.
///     pub static LATENCY = "/doc/latency_seconds", "doc_latency_seconds", Seconds, [500_000, 1_000_000];
///     /// Time a query took.
///     static QUERY = "/doc/query_seconds", "doc_query_seconds", Seconds, exponential 3 from 1_000 to 100_000_000_000;
/// }
/// LATENCY.observe(600_000);
/// assert_eq!((LATENCY.count(), LATENCY.sum()), (1, 600_000));
///
/// QUERY.observe_f64(0.25);
/// assert_eq!((QUERY.count(), QUERY.sum()), (1, 250_000_000));
/// ```
/// The number after `exponential` is Prometheus' schema, 0 to 4: that many times an octave is halved, so 3 makes eight
/// buckets of every doubling, each 9 % wide. The range is rounded outwards to powers of two of the unit; it may have
/// [`MAX_BUCKETS`](crate::MAX_BUCKETS) buckets. What is above it is counted as `+Inf`.
///
/// ```compile_fail
/// ukstore::histogram! {
///     /// Sixteen buckets an octave, for 27 octaves.
///     static WIDE = "/doc/wide_seconds", "doc_wide_seconds", Seconds, exponential 4 from 1_000 to 100_000_000_000;
/// }
/// ```
#[macro_export]
macro_rules! histogram {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal, $unit:ident
        $(, [$($bound:expr),+ $(,)?])? $(, exponential $schema:literal from $from:literal to $to:literal)?;)+) => {
        $(
            $(#[doc = $doc])*
            $vis static $NAME: $crate::Histogram = {
                const __UKSTORE_SCALE: &$crate::histogram::Scale = $crate::__scale!(
                    $unit $(, [$($bound),+])? $(, exponential $schema from $from to $to)?);
                const __UKSTORE_BOUNDS: &[u64] = __UKSTORE_SCALE.bounds();
                const __UKSTORE_TEXTS: &[u8] = &$crate::histogram::texts::<{
                    $crate::histogram::texts_len($name, $crate::Unit::$unit, __UKSTORE_BOUNDS)
                }>($name, $crate::Unit::$unit, __UKSTORE_BOUNDS);
                const __UKSTORE_PREFIXES: &[&str] =
                    &$crate::histogram::prefixes::<{ __UKSTORE_BOUNDS.len() + 3 }>($name, __UKSTORE_TEXTS);
                static __UKSTORE_CELLS: [$crate::Counter; __UKSTORE_SCALE.cells()] =
                    [const { $crate::Counter::new() }; __UKSTORE_SCALE.cells()];
                $crate::Histogram::new(__UKSTORE_PREFIXES, __UKSTORE_SCALE, &__UKSTORE_CELLS)
            };
            const _: () = {
                $crate::__place!(family $name, $path, [""], $crate::Family::histogram(
                    const { $crate::__head!(Histogram, $path, $name, [$unit], [$($doc)*]) }, &$NAME));
                $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
            };
        )+
    };
}

/// Declares types that are a histogram with buckets of their own, for the fields of structs. They are written as in
/// [`histogram!`], implement [`Buckets`](trait@crate::Buckets) and [`Default`], and have its `observe` and `observe_f64`.
///
/// ```
/// use ukstore::Buckets;
///
/// ukstore::buckets! {
///     /// How long a lock was held.
///     pub struct HoldTimes = Seconds, [1_000, 1_000_000];
/// }
/// #[derive(Default)]
/// struct Lock { held: HoldTimes }
///
/// let lock = Lock::default();
/// lock.held.observe(2_000);
/// let mut snapshot = ukstore::Snapshot::EMPTY;
/// lock.held.snapshot_into(&mut snapshot);
/// assert_eq!((snapshot.at_most(0), snapshot.at_most(1)), (0, 1));
/// ```
#[macro_export]
macro_rules! buckets {
    ($($(#[doc = $doc:literal])* $vis:vis struct $Name:ident = $unit:ident
        $(, [$($bound:expr),+ $(,)?])? $(, exponential $schema:literal from $from:literal to $to:literal)?;)+) => {
        $(
            $(#[doc = $doc])*
            #[derive(::core::fmt::Debug)]
            $vis struct $Name {
                cells: [$crate::Counter; $Name::SCALE.cells()],
            }

            impl $Name {
                /// The unit its buckets are written in.
                #[doc(hidden)]
                $vis const UNIT: $crate::Unit = $crate::Unit::$unit;
                const SCALE: &'static $crate::histogram::Scale = $crate::__scale!(
                    $unit $(, [$($bound),+])? $(, exponential $schema from $from to $to)?);

                /// Without observations.
                #[must_use]
                $vis const fn new() -> Self {
                    Self { cells: [const { $crate::Counter::new() }; $Name::SCALE.cells()] }
                }

                /// Counts one observation.
                #[inline]
                $vis fn observe(&self, observation: u64) {
                    Self::SCALE.observe(&self.cells, observation);
                }

                /// Counts one observation in units. What a histogram cannot hold is counted as refused.
                #[inline]
                $vis fn observe_f64(&self, observation: f64) {
                    Self::SCALE.observe_f64(&self.cells, observation);
                }
            }

            impl ::core::default::Default for $Name {
                fn default() -> Self {
                    Self::new()
                }
            }

            impl $crate::Buckets for $Name {
                fn scale(&self) -> &'static $crate::histogram::Scale {
                    Self::SCALE
                }

                fn cells(&self) -> &[$crate::Counter] {
                    &self.cells
                }
            }
        )+
    };
}

/// Where the buckets lie, from either way to write it.
#[doc(hidden)]
#[macro_export]
macro_rules! __scale {
    ($unit:ident, [$($bound:expr),+]) => {{
        const __UKSTORE_BOUNDS: &[u64] = &[$($bound),+];
        const __UKSTORE_TREE: &$crate::histogram::Tree = &$crate::histogram::Tree::new(__UKSTORE_BOUNDS);
        &$crate::histogram::Scale::written($crate::Unit::$unit, __UKSTORE_BOUNDS, __UKSTORE_TREE)
    }};
    ($unit:ident, exponential $schema:literal from $from:literal to $to:literal) => {{
        const __UKSTORE_BUCKETS: &$crate::histogram::Exponential =
            &$crate::histogram::Exponential::new($crate::Unit::$unit, $schema, $from, $to);
        const __UKSTORE_BOUNDS: &[u64] = &__UKSTORE_BUCKETS.bounds::<{ __UKSTORE_BUCKETS.bounds_len() }>();
        &$crate::histogram::Scale::exponential($crate::Unit::$unit, __UKSTORE_BOUNDS, __UKSTORE_BUCKETS)
    }};
}
