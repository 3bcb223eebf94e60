//! `computed!`: numbers a function gives; `text!`: words.

/// Declares counters and gauges that a function gives.
///
/// The function is called by a thread of its own, shortly before somebody reads: it may take its time, and if it never
/// returns, its value is absent and everything else is told as ever. `prompt` before a function vouches that it returns
/// at once, without waiting for anything: it is called by whoever reads.
///
/// ```
/// ukstore::computed! {
///     /// Sessions in the database.
///     gauge "/doc/sessions", "doc_sessions" => || ukstore::Value::U64(7);
///     /// Bytes of heap in use.
///     gauge "/doc/used_bytes", "doc_used_bytes", Bytes => prompt || ukstore::Value::U64(4096);
/// }
/// assert_eq!(ukstore::read("/doc/used_bytes"), Ok(ukstore::Value::U64(4096)));
/// ```
#[macro_export]
macro_rules! computed {
    () => {};
    ($(#[doc = $doc:literal])* $kind:ident $path:literal, $name:literal $(, $unit:ident)? => prompt $read:expr;
        $($rest:tt)*) => {
        $crate::__computed! { [$($doc)*] $kind, $path, $name, [$($unit)?], computed $read }
        $crate::computed! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $kind:ident $path:literal, $name:literal $(, $unit:ident)? => $read:expr;
        $($rest:tt)*) => {
        $crate::__computed! { [$($doc)*] $kind, $path, $name, [$($unit)?], sampled {
            static __UKSTORE_SAMPLED: $crate::Sampled = $crate::Sampled::new($crate::names::source($path), $read);
            #[used]
            #[cfg_attr(target_os = "none", unsafe(link_section = ".ukstore.sampled"))]
            #[cfg_attr(not(target_os = "none"), unsafe(link_section = "ukstore_sampled"))]
            static __UKSTORE_LISTED: &$crate::Sampled = &__UKSTORE_SAMPLED;
            &__UKSTORE_SAMPLED
        } }
        $crate::computed! { $($rest)* }
    };
}

/// One computed entry.
#[doc(hidden)]
#[macro_export]
macro_rules! __computed {
    ([$($doc:literal)*] $kind:ident, $path:literal, $name:literal, [$($unit:ident)?], $constructor:ident $read:expr) => {
        const _: () = {
            $crate::__place!(family $name, $path, [""], $crate::Family::$constructor(
                const { $crate::__number_head!($kind, $path, $name, [$($unit)?], [$($doc)*]) }, $read));
            $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
        };
    };
}

/// Declares entries that are words. They are in the tree and in no exposition.
///
/// A static is a cell whose text the program replaces ([`TextCell`](crate::TextCell)); `=> prompt` names a function that
/// writes the words when somebody reads, and returns at once.
///
/// ```
/// ukstore::text! {
///     /// The table that is being rebuilt.
///     static REBUILDING = "/doc/rebuilding";
///     /// The words the machine was started with.
///     "/doc/command_line" => prompt |out: &mut dyn core::fmt::Write| out.write_str("--name=web");
/// }
/// REBUILDING.set("customers");
/// assert_eq!(REBUILDING.get().as_str(), "customers");
/// assert_eq!(ukstore::read("/doc/command_line"), Err(ukstore::Error::NotOneValue));
/// ```
#[macro_export]
macro_rules! text {
    () => {};
    ($(#[doc = $doc:literal])* $path:literal => prompt $write:expr; $($rest:tt)*) => {
        $crate::__text! { [$($doc)*] $path, $write }
        $crate::text! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal; $($rest:tt)*) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::TextCell = $crate::TextCell::new();
        $crate::__text! { [$($doc)*] $path, |out: &mut dyn ::core::fmt::Write| out.write_str($NAME.get().as_str()) }
        $crate::text! { $($rest)* }
    };
}

/// One text entry.
#[doc(hidden)]
#[macro_export]
macro_rules! __text {
    ([$($doc:literal)*] $path:literal, $write:expr) => {
        const _: () = {
            static __UKSTORE_TEXT: $crate::TextRecord = $crate::TextRecord::new($crate::__help!($path; $($doc)*), $write);
            $crate::__place!(entry $path, $crate::Entry::text($path, &__UKSTORE_TEXT));
        };
    };
}
