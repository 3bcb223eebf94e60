//! `counter!`, `gauge!` and `histogram!`: a static, its path and its family, in one declaration.

/// Declares counters, each a path and a family of one series. The doc comment is the help text.
///
/// ```
/// ukstore::counter! {
///     /// Allocations refused because no block was large enough.
///     pub static FAILURES = "/doc/failures_total", "doc_failures_total";
///     /// Bytes copied.
///     static COPIED = "/doc/copied_bytes_total", "doc_copied_bytes_total", Bytes;
/// }
/// FAILURES.inc();
/// COPIED.add(512);
/// assert_eq!(ukstore::read("/doc/copied_bytes_total"), Ok(ukstore::Value::U64(512)));
/// ```
#[macro_export]
macro_rules! counter {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal $(, $unit:ident)?;)+) => {
        $(
            $(#[doc = $doc])*
            $vis static $NAME: $crate::Counter = $crate::Counter::new();
            const _: () = {
                $crate::__place!(family $name, $crate::Family::counter(
                    const { $crate::__head!(Counter, $name, [$($unit)?], [$($doc)*]) }, &$NAME));
                $crate::__place!(entry $path, "", $crate::Entry::series($path, &__UKSTORE_FAMILY, 0));
            };
        )+
    };
}

/// Declares gauges, each a path and a family of one series. The doc comment is the help text.
///
/// ```
/// ukstore::gauge! {
///     /// Bytes in the queue.
///     pub static QUEUED = "/doc/queued_bytes", "doc_queued_bytes", Bytes;
/// }
/// QUEUED.set(5);
/// assert_eq!(ukstore::read("/doc/queued_bytes"), Ok(ukstore::Value::I64(5)));
/// ```
#[macro_export]
macro_rules! gauge {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal $(, $unit:ident)?;)+) => {
        $(
            $(#[doc = $doc])*
            $vis static $NAME: $crate::Gauge = $crate::Gauge::new();
            const _: () = {
                $crate::__place!(family $name, $crate::Family::gauge(
                    const { $crate::__head!(Gauge, $name, [$($unit)?], [$($doc)*]) }, &$NAME));
                $crate::__place!(entry $path, "", $crate::Entry::series($path, &__UKSTORE_FAMILY, 0));
            };
        )+
    };
}

/// Declares histograms: path, name, unit and the growing upper bounds, without `+Inf`. Bounds of seconds are given
/// in nanoseconds.
///
/// ```
/// ukstore::histogram! {
///     /// Time from request to reply.
///     pub static LATENCY = "/doc/latency_seconds", "doc_latency_seconds", Seconds, [500_000, 1_000_000];
/// }
/// LATENCY.observe(600_000);
/// assert_eq!((LATENCY.count(), LATENCY.sum()), (1, 600_000));
/// ```
#[macro_export]
macro_rules! histogram {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident =
        $path:literal, $name:literal, $unit:ident, [$($bound:expr),+ $(,)?];)+) => {
        $(
            $(#[doc = $doc])*
            $vis static $NAME: $crate::Histogram = {
                const __UKSTORE_BOUNDS: &[u64] = &[$($bound),+];
                static __UKSTORE_CELLS: [$crate::Counter; __UKSTORE_BOUNDS.len() + 2] =
                    [const { $crate::Counter::new() }; __UKSTORE_BOUNDS.len() + 2];
                const __UKSTORE_PREFIXES: &[&str] = &[
                    $($crate::__join!($name, "_bucket{le=\"", $crate::__bound!($unit, $bound), "\"}"),)+
                    concat!($name, "_bucket{le=\"+Inf\"}"),
                    concat!($name, "_sum"),
                    concat!($name, "_count"),
                ];
                $crate::Histogram::new(__UKSTORE_PREFIXES, __UKSTORE_BOUNDS, &__UKSTORE_CELLS)
            };
            const _: () = {
                $crate::__place!(family $name, $crate::Family::histogram(
                    const { $crate::__head!(Histogram, $name, [$unit], [$($doc)*]) }, &$NAME));
                $crate::__place!(entry $path, "", $crate::Entry::series($path, &__UKSTORE_FAMILY, 0));
            };
        )+
    };
}

/// A bound as its `le` label has it.
#[doc(hidden)]
#[macro_export]
macro_rules! __bound {
    ($unit:ident, $bound:expr) => {{
        const __UKSTORE_NANOS: bool = matches!($crate::Unit::$unit, $crate::Unit::Seconds);
        const __UKSTORE_DIGITS: [u8; $crate::text::bound_len($bound, __UKSTORE_NANOS)] =
            $crate::text::bound($bound, __UKSTORE_NANOS);
        $crate::text::text(&__UKSTORE_DIGITS)
    }};
}
