//! `zero!`: what other machines measure and this one has nothing of.

/// Declares metrics that are zero by nature: those that dashboards and alerts for other machines ask for, of things that
/// this machine has nothing of, and of which a machine that could have them would tell 0. The help says why.
///
/// ```
/// ukstore::zero! {
///     /// Size of swap: there is none.
///     gauge "/doc/swap_bytes", "doc_swap_bytes", Bytes;
///     /// Packets dropped in the backlog: there is none.
///     counter "/doc/backlog_dropped_total", "doc_backlog_dropped_total", { cpu = ["0"] };
/// }
/// assert_eq!(ukstore::read("/doc/swap_bytes"), Ok(ukstore::Value::U64(0)));
/// ```
#[macro_export]
macro_rules! zero {
    () => {};
    ($(#[doc = $doc:literal])* $kind:ident $path:literal, $name:literal $(, $unit:ident)?; $($rest:tt)*) => {
        const _: () = {
            $crate::__place!(family $name, $path, [""], $crate::Family::computed(
                const { $crate::__number_head!($kind, $path, $name, [$($unit)?], [$($doc)*]).zero() },
                || $crate::__nothing!($($unit)?),
            ));
            $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
        };
        $crate::zero! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $kind:ident $path:literal, $name:literal $(, $unit:ident)?, { $($labels:tt)+ };
        $($rest:tt)*) => {
        $crate::__prompts! {
            [const { $crate::__number_head!($kind, $path, $name, [$($unit)?], [$($doc)*]).zero() }] $path, $name,
            [index |_| $crate::__nothing!($($unit)?)] [] $($labels)+
        }
        $crate::zero! { $($rest)* }
    };
}

/// Zero in a unit.
#[doc(hidden)]
#[macro_export]
macro_rules! __nothing {
    (Seconds) => {
        $crate::Value::Nanos(0)
    };
    ($($unit:ident)?) => {
        $crate::Value::U64(0)
    };
}
