//! `counters!` and `gauges!`: one family with a fixed set of label values; `info!`: facts told as labels.

/// Declares counters of one family, one for each value of a label. Indexed in the order of the values.
///
/// ```
/// ukstore::counters! {
///     /// Log lines written, by level.
///     pub static LINES = "/doc/lines_total", "doc_lines_total", level = ["error", "info"];
/// }
/// LINES[1].inc();
/// assert_eq!(ukstore::read("/doc/lines_total/info"), Ok(ukstore::Value::U64(1)));
/// ```
#[macro_export]
macro_rules! counters {
    () => {};
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal, $unit:ident,
        $label:ident = [$($value:literal),+ $(,)?]; $($rest:tt)*) => {
        $crate::__labelled! {
            [$($doc)*] [$vis static $NAME] $path, $name, [$unit], $label = [$($value),+], Counter, Counters, counters
        }
        $crate::counters! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal,
        $label:ident = [$($value:literal),+ $(,)?]; $($rest:tt)*) => {
        $crate::__labelled! {
            [$($doc)*] [$vis static $NAME] $path, $name, [], $label = [$($value),+], Counter, Counters, counters
        }
        $crate::counters! { $($rest)* }
    };
}

/// Declares gauges of one family, one for each value of a label. Indexed in the order of the values.
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
    () => {};
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal, $unit:ident,
        $label:ident = [$($value:literal),+ $(,)?]; $($rest:tt)*) => {
        $crate::__labelled! {
            [$($doc)*] [$vis static $NAME] $path, $name, [$unit], $label = [$($value),+], Gauge, Gauges, gauges
        }
        $crate::gauges! { $($rest)* }
    };
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident = $path:literal, $name:literal,
        $label:ident = [$($value:literal),+ $(,)?]; $($rest:tt)*) => {
        $crate::__labelled! {
            [$($doc)*] [$vis static $NAME] $path, $name, [], $label = [$($value),+], Gauge, Gauges, gauges
        }
        $crate::gauges! { $($rest)* }
    };
}

/// What `counters!` and `gauges!` have in common.
#[doc(hidden)]
#[macro_export]
macro_rules! __labelled {
    ([$($doc:literal)*] [$vis:vis static $NAME:ident] $path:literal, $name:literal, [$($unit:ident)?],
        $label:ident = [$($value:literal),+], $Cell:ident, $Cells:ident, $constructor:ident) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::$Cells = {
            const __UKSTORE_VALUES: &[&str] = &[$($value),+];
            static __UKSTORE_CELLS: [$crate::$Cell; __UKSTORE_VALUES.len()] =
                [const { $crate::$Cell::new() }; __UKSTORE_VALUES.len()];
            $crate::$Cells::new(
                &[$(concat!($name, "{", stringify!($label), "=\"", $value, "\"}")),+],
                &__UKSTORE_CELLS,
            )
        };
        const _: () = {
            const __UKSTORE_VALUES: &[&str] = &[$($value),+];
            $crate::names::demand(stringify!($label), $crate::names::label(stringify!($label)));
            $crate::__place!(family $name, $crate::Family::$constructor(
                const { $crate::__head!($Cell, $name, [$($unit)?], [$($doc)*]) }, &$NAME));
            $(
                const _: () = {
                    $crate::names::demand($value, $crate::names::label_value($value));
                    $crate::__place!(entry $path, concat!("/", $value), $crate::Entry::series(
                        concat!($path, "/", $value),
                        &__UKSTORE_FAMILY,
                        $crate::text::position(__UKSTORE_VALUES, $value) as u32,
                    ));
                };
            )+
        };
    };
}

/// Declares an info: a metric that is always 1, whose labels tell. `label = "constant"` is known when the program is
/// built; `label => function` is called at each read, returns a `&'static str` and must not block.
///
/// ```
/// fn machine() -> &'static str { "q35" }
/// ukstore::info! {
///     /// What was built.
///     "/doc/build", "doc_build_info", { version = env!("CARGO_PKG_VERSION"), arch = "x86_64" };
///     /// Where it runs.
///     "/doc/machine", "doc_machine_info", { machine => machine, arch = "x86_64" };
/// }
/// assert_eq!(ukstore::read("/doc/build"), Ok(ukstore::Value::U64(1)));
/// ```
#[macro_export]
macro_rules! info {
    ($($(#[doc = $doc:literal])* $path:literal, $name:literal,
        { $($label:ident $(= $value:expr)? $(=> $function:expr)?),+ $(,)? };)+) => {
        $(
            const _: () = {
                const __UKSTORE_LABELS: &[(&str, $crate::LabelValue)] = &[$((
                    stringify!($label),
                    $($crate::LabelValue::Fixed($value))? $($crate::LabelValue::Computed($function))?,
                )),+];
                const __UKSTORE_PREFIX: [u8; $crate::text::info_prefix_len($name, __UKSTORE_LABELS)] =
                    $crate::text::info_prefix($name, __UKSTORE_LABELS);
                static __UKSTORE_INFO: $crate::Info =
                    $crate::Info::new($crate::text::text(&__UKSTORE_PREFIX), __UKSTORE_LABELS);
                $crate::__place!(family $name, $crate::Family::info(
                    const { $crate::__head!(Info, $name, [], [$($doc)*]) }, &__UKSTORE_INFO));
                $crate::__place!(entry $path, "", $crate::Entry::series($path, &__UKSTORE_FAMILY, 0));
            };
        )+
    };
}
