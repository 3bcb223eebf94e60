//! `counter!` and `gauge!`: a static, its path and its family, in one declaration.

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
