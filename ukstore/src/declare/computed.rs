//! `computed!`: numbers a function gives when they are read; `text!`: words written when they are read.

/// Declares computed counters and gauges. The function is called only when somebody reads, and must not block.
///
/// ```
/// ukstore::computed! {
///     /// Bytes of heap in use.
///     gauge "/doc/used_bytes", "doc_used_bytes", Bytes, || ukstore::Value::U64(4096);
///     /// Timer interrupts taken.
///     counter "/doc/ticks_total", "doc_ticks_total", || ukstore::Value::U64(7);
/// }
/// assert_eq!(ukstore::read("/doc/used_bytes"), Ok(ukstore::Value::U64(4096)));
/// ```
#[macro_export]
macro_rules! computed {
    () => {};
    ($(#[doc = $doc:literal])* counter $path:literal, $name:literal, $unit:ident, $read:expr; $($rest:tt)*) => {
        $crate::__computed! { [$($doc)*] Counter, $path, $name, [$unit], $read }
        $crate::computed! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* counter $path:literal, $name:literal, $read:expr; $($rest:tt)*) => {
        $crate::__computed! { [$($doc)*] Counter, $path, $name, [], $read }
        $crate::computed! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* gauge $path:literal, $name:literal, $unit:ident, $read:expr; $($rest:tt)*) => {
        $crate::__computed! { [$($doc)*] Gauge, $path, $name, [$unit], $read }
        $crate::computed! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* gauge $path:literal, $name:literal, $read:expr; $($rest:tt)*) => {
        $crate::__computed! { [$($doc)*] Gauge, $path, $name, [], $read }
        $crate::computed! { $($rest)* }
    };
}

/// One computed entry.
#[doc(hidden)]
#[macro_export]
macro_rules! __computed {
    ([$($doc:literal)*] $kind:ident, $path:literal, $name:literal, [$($unit:ident)?], $read:expr) => {
        const _: () = {
            $crate::__place!(family $name, $crate::Family::computed(
                const { $crate::__head!($kind, $name, [$($unit)?], [$($doc)*]) }, $read));
            $crate::__place!(entry $path, "", $crate::Entry::series($path, &__UKSTORE_FAMILY, 0));
        };
    };
}

/// Declares entries that are words. They are in the tree and in no exposition.
///
/// ```
/// ukstore::text! {
///     /// The words the machine was started with.
///     "/doc/command_line", |out: &mut dyn core::fmt::Write| out.write_str("--name=web");
/// }
/// assert!(matches!(ukstore::lookup("/doc/command_line"), Ok(ukstore::Node::Text(_))));
/// ```
#[macro_export]
macro_rules! text {
    ($($(#[doc = $doc:literal])* $path:literal, $write:expr;)+) => {
        $(
            const _: () = {
                static __UKSTORE_TEXT: $crate::TextRecord = $crate::TextRecord::new($crate::__help!($path; $($doc)*), $write);
                $crate::__place!(entry $path, "", $crate::Entry::text($path, &__UKSTORE_TEXT));
            };
        )+
    };
}
