//! `counters!` and `gauges!`: one family with a fixed set of label values; `labels!`: such a set as an enum.

/// Declares counters of one family, one for each value of a label: indexed by the values' place, or by an enum made by
/// [`labels!`](crate::labels!).
///
/// ```
/// ukstore::labels! {
///     /// Why a frame was dropped.
///     pub enum Reason { Full = "full", Late = "late" }
/// }
/// ukstore::counters! {
///     /// Log lines written, by level.
///     pub static LINES = "/doc/lines_total", "doc_lines_total", level = ["error", "info"];
///     /// Frames dropped, by reason.
///     static DROPS = "/doc/drops_total", "doc_drops_total", reason: Reason;
/// }
/// LINES[1].inc();
/// DROPS[Reason::Late].inc();
/// assert_eq!(ukstore::read("/doc/lines_total/info"), Ok(ukstore::Value::U64(1)));
/// assert_eq!(ukstore::read("/doc/drops_total/late"), Ok(ukstore::Value::U64(1)));
/// ```
#[macro_export]
macro_rules! counters {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal,
        $($word:ident),+ $(= [$($value:literal),+ $(,)?])? $(: $Labels:ty)?;)+) => {
        $(
            $crate::__labelled! {
                [$($doc)*] [$vis static $NAME] $path, $name, words [$($word)+] [$(= $($value),+)? $(: $Labels)?],
                Counter, Counters, counters
            }
        )+
    };
}

/// Declares gauges of one family, one for each value of a label: as [`counters!`](crate::counters!).
///
/// ```
/// ukstore::gauges! {
///     /// Connections, by state.
///     pub static CONNECTIONS = "/doc/connections", "doc_connections", state = ["open", "closing"];
/// }
/// CONNECTIONS[0].add(2);
/// assert_eq!(ukstore::read("/doc/connections/open"), Ok(ukstore::Value::I64(2)));
/// ```
#[macro_export]
macro_rules! gauges {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal,
        $($word:ident),+ $(= [$($value:literal),+ $(,)?])? $(: $Labels:ty)?;)+) => {
        $(
            $crate::__labelled! {
                [$($doc)*] [$vis static $NAME] $path, $name, words [$($word)+] [$(= $($value),+)? $(: $Labels)?],
                Gauge, Gauges, gauges
            }
        )+
    };
}

/// What `counters!` and `gauges!` have in common. The words are the label, or a unit and the label.
#[doc(hidden)]
#[macro_export]
macro_rules! __labelled {
    ($doc:tt $static:tt $path:literal, $name:literal, words [$label:ident] $($rest:tt)+) => {
        $crate::__labelled! { $doc $static $path, $name, [], $label $($rest)+ }
    };
    ($doc:tt $static:tt $path:literal, $name:literal, words [$unit:ident $label:ident] $($rest:tt)+) => {
        $crate::__labelled! { $doc $static $path, $name, [$unit], $label $($rest)+ }
    };
    ($doc:tt $static:tt $path:literal, $name:literal, $unit:tt, $label:ident [= $($value:literal),+] $($rest:tt)+) => {
        $crate::__labelled! {
            $doc $static $path, $name, $unit, $label, usize, &[$($value),+],
            ::core::concat!(::core::stringify!($label), $("=", $value),+) $($rest)+
        }
    };
    ($doc:tt $static:tt $path:literal, $name:literal, $unit:tt, $label:ident [: $Labels:ty] $($rest:tt)+) => {
        $crate::__labelled! {
            $doc $static $path, $name, $unit, $label, $Labels, <$Labels as $crate::Labels>::VALUES,
            ::core::stringify!($label) $($rest)+
        }
    };
    ([$($doc:literal)*] [$vis:vis static $NAME:ident] $path:literal, $name:literal, $unit:tt, $label:ident,
        $Labels:ty, $values:expr, $told:expr, $Cell:ident, $Cells:ident, $constructor:ident) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::$Cells<$Labels> = {
            const __UKSTORE_VALUES: &[&str] = $values;
            const __UKSTORE_COUNT: usize = __UKSTORE_VALUES.len();
            static __UKSTORE_CELLS: [$crate::$Cell; __UKSTORE_COUNT] =
                [const { $crate::$Cell::new() }; __UKSTORE_COUNT];
            static __UKSTORE_RECORD: $crate::Cells<$crate::$Cell> = $crate::Cells::new(
                ::core::stringify!($label),
                __UKSTORE_VALUES,
                $crate::__prefixes!($name, ::core::stringify!($label), __UKSTORE_VALUES),
                &__UKSTORE_CELLS,
            );
            const _: () = {
                $crate::names::demand_labels(::core::stringify!($label), __UKSTORE_VALUES);
                $crate::__place!(family $name, $path, [$told], $crate::Family::$constructor(
                    const { $crate::__head!($Cell, $path, $name, $unit, [$($doc)*]) }, &__UKSTORE_RECORD));
                $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
            };
            $crate::$Cells::new(&__UKSTORE_RECORD)
        };
    };
}

/// The joined `name{label="value"}` of each value.
#[doc(hidden)]
#[macro_export]
macro_rules! __prefixes {
    ($name:expr, $label:expr, $values:ident) => {
        $crate::__framed!($crate::text::Frame::series($name, $label), $values)
    };
}

/// The text of each value in a frame.
#[doc(hidden)]
#[macro_export]
macro_rules! __framed {
    ($frame:expr, $values:ident) => {{
        const __UKSTORE_FRAME: $crate::text::Frame<'static> = $frame;
        const __UKSTORE_TEXT: &[u8] = &__UKSTORE_FRAME.joined::<{ __UKSTORE_FRAME.joined_len($values) }>($values);
        const __UKSTORE_TEXTS: [&str; $values.len()] = __UKSTORE_FRAME.cut($crate::text::text(__UKSTORE_TEXT), $values);
        &__UKSTORE_TEXTS
    }};
}

/// Declares an enum whose variants are the values of a label, or the words of a state or a setting.
///
/// ```
/// ukstore::labels! {
///     /// How a request ended.
///     pub enum Outcome {
///         /// It was answered.
///         Answered = "answered",
///         /// Nobody waited for the answer any more.
///         Abandoned = "abandoned",
///     }
/// }
/// assert_eq!(<Outcome as ukstore::Labels>::VALUES, ["answered", "abandoned"]);
/// ```
#[macro_export]
macro_rules! labels {
    ($($(#[$meta:meta])* $vis:vis enum $Name:ident {
        $($(#[$variant_meta:meta])* $Variant:ident = $value:literal),+ $(,)?
    })+) => {
        $(
            $(#[$meta])*
            #[derive(
                ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq,
                ::core::cmp::Eq, ::core::cmp::PartialOrd, ::core::cmp::Ord,
            )]
            $vis enum $Name {
                $($(#[$variant_meta])* #[doc = ::core::concat!("`", $value, "`.")] $Variant),+
            }

            impl $crate::Label for $Name {
                #[inline]
                fn index(self) -> usize {
                    self as usize
                }
            }

            impl $crate::Labels for $Name {
                const VALUES: &'static [&'static str] = &[$($value),+];

                const FIRST: Self = [$(Self::$Variant),+][0];

                fn at(index: usize) -> ::core::option::Option<Self> {
                    [$(Self::$Variant),+].get(index).copied()
                }
            }

            const _: () = $crate::names::demand_labels("value", <$Name as $crate::Labels>::VALUES);
        )+
    };
}
