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
///
/// Several series of one family, told apart by a label with fixed values: in braces the label with an enum made by
/// [`labels!`](crate::labels!), or with a list of words whose index the function gets; before it labels that are the same
/// in each.
///
/// ```
/// ukstore::labels! {
///     /// What the CPU does.
///     pub enum Mode { Idle = "idle", User = "user" }
/// }
/// ukstore::computed! {
///     /// CPU time by mode.
///     counter "/doc/cpu_seconds_total", "doc_cpu_seconds_total", Seconds, { cpu = "0", mode: Mode } => prompt |mode| {
///         ukstore::Value::Nanos(match mode { Mode::Idle => 7, Mode::User => 1 })
///     };
/// }
/// assert_eq!(ukstore::read("/doc/cpu_seconds_total/idle"), Ok(ukstore::Value::Nanos(7)));
/// ```
/// `untyped` in place of `counter` or `gauge` is for metrics that others tell without a type.
#[macro_export]
macro_rules! computed {
    () => {};
    ($(#[doc = $doc:literal])* $kind:ident $path:literal, $name:literal $(, $unit:ident)?, { $($labels:tt)+ }
        => prompt |$place:tt| $read:expr; $($rest:tt)*) => {
        $crate::__prompts! {
            [const { $crate::__number_head!($kind, $path, $name, [$($unit)?], [$($doc)*]) }] $path, $name,
            [place |$place| $read] [] $($labels)+
        }
        $crate::computed! { $($rest)* }
    };
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

/// A computed family of several series. The labels are taken one by one: those that are the same in each are joined.
#[doc(hidden)]
#[macro_export]
macro_rules! __prompts {
    ($head:tt $path:literal, $name:literal, $read:tt [$($same:tt)*] $label:ident = $value:literal, $($rest:tt)+) => {
        $crate::__prompts! { $head $path, $name, $read [$($same)* $label = $value;] $($rest)+ }
    };
    ($head:tt $path:literal, $name:literal, [$how:ident |$place:tt| $read:expr] $same:tt
        $label:ident = [$($value:literal),+ $(,)?] $(,)?) => {
        $crate::__prompts! {
            @ $head $path, $name, $same $label, &[$($value),+], ::core::concat!($("=", $value),+), {
                let read: fn(usize) -> $crate::Value = |$place| $read;
                read
            }
        }
    };
    ($head:tt $path:literal, $name:literal, [place |$place:tt| $read:expr] $same:tt
        $label:ident : $Labels:ty $(,)?) => {
        $crate::__prompts! {
            @ $head $path, $name, $same $label, <$Labels as $crate::Labels>::VALUES, "", |index| {
                let read: fn($Labels) -> $crate::Value = |$place| $read;
                <$Labels as $crate::Labels>::at(index).map_or($crate::Value::Absent, read)
            }
        }
    };
    ($head:tt $path:literal, $name:literal, [index |$place:tt| $read:expr] $same:tt
        $label:ident : $Labels:ty $(,)?) => {
        $crate::__prompts! {
            @ $head $path, $name, $same $label, <$Labels as $crate::Labels>::VALUES, "", |$place| $read
        }
    };
    (@ [$head:expr] $path:literal, $name:literal, [$($same:ident = $value:literal;)*] $label:ident, $values:expr,
        $told:expr, $read:expr) => {
        const _: () = {
            const __UKSTORE_VALUES: &[&str] = $values;
            const __UKSTORE_LABEL: &str =
                ::core::concat!($(::core::stringify!($same), "=\"", $value, "\",",)* ::core::stringify!($label));
            $($crate::names::demand_labels(::core::stringify!($same), &[$value]);)*
            $crate::names::demand_different(&[$(::core::stringify!($same),)* ::core::stringify!($label)]);
            $crate::names::demand_labels(::core::stringify!($label), __UKSTORE_VALUES);
            static __UKSTORE_PROMPTS: $crate::Prompts = $crate::Prompts::new(
                ::core::stringify!($label),
                __UKSTORE_VALUES,
                $crate::__prefixes!($name, __UKSTORE_LABEL, __UKSTORE_VALUES),
                $read,
            );
            $crate::__place!(family $name, $path,
                [::core::concat!($(::core::stringify!($same), "=", $value, " ",)* ::core::stringify!($label), $told)],
                $crate::Family::prompts($head, &__UKSTORE_PROMPTS));
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
