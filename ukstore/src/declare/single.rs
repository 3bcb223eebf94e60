//! `counter!`, `gauge!` and `states!`: a static, its path and its family, in one declaration.

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
                $crate::__place!(family $name, $path, [""], $crate::Family::counter(
                    const { $crate::__head!(Counter, $path, $name, [$($unit)?], [$($doc)*]) }, &$NAME));
                $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
            };
        )+
    };
}

/// Declares gauges, each a path and a family of one series. The doc comment is the help text. They hold whole numbers;
/// `: f64` makes one of floats, `: bool` one that is so or not so.
///
/// ```
/// ukstore::gauge! {
///     /// Bytes in the queue.
///     pub static QUEUED = "/doc/queued_bytes", "doc_queued_bytes", Bytes;
///     /// Share of the cache in use.
///     static FILLED: f64 = "/doc/filled_ratio", "doc_filled_ratio", Ratio;
///     /// Whether the database answers.
///     static DATABASE_UP: bool = "/doc/database_up", "doc_database_up";
/// }
/// QUEUED.set(5);
/// FILLED.set(0.25);
/// DATABASE_UP.set(true);
/// assert_eq!(ukstore::read("/doc/queued_bytes"), Ok(ukstore::Value::I64(5)));
/// assert_eq!(ukstore::read("/doc/filled_ratio"), Ok(ukstore::Value::F64(0.25)));
/// assert_eq!(ukstore::read("/doc/database_up"), Ok(ukstore::Value::Bool(true)));
/// ```
#[macro_export]
macro_rules! gauge {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident $(: $Type:tt)? =
        $path:literal, $name:literal $(, $unit:ident)?;)+) => {
        $(
            $crate::__gauge! { [$($doc)*] [$vis static $NAME] [$($Type)?] $path, $name, [$($unit)?] }
        )+
    };
}

/// One gauge, by what it holds.
#[doc(hidden)]
#[macro_export]
macro_rules! __gauge {
    ([$($doc:literal)*] [$vis:vis static $NAME:ident] [] $path:literal, $name:literal, [$($unit:ident)?]) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::Gauge = $crate::Gauge::new();
        const _: () = {
            $crate::__place!(family $name, $path, [""], $crate::Family::gauge(
                const { $crate::__head!(Gauge, $path, $name, [$($unit)?], [$($doc)*]) }, &$NAME));
            $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
        };
    };
    ([$($doc:literal)*] [$vis:vis static $NAME:ident] [f64] $($rest:tt)*) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::FloatGauge = $crate::FloatGauge::new();
        $crate::__computed! { [$($doc)*] gauge, $($rest)*, computed || $crate::Value::F64($NAME.get()) }
    };
    ([$($doc:literal)*] [$vis:vis static $NAME:ident] [bool] $($rest:tt)*) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::Flag = $crate::Flag::new();
        $crate::__computed! { [$($doc)*] gauge, $($rest)*, computed || $crate::Value::Bool($NAME.get()) }
    };
    ([$($doc:literal)*] [$vis:vis static $NAME:ident] [i64] $($rest:tt)*) => {
        $crate::__gauge! { [$($doc)*] [$vis static $NAME] [] $($rest)* }
    };
}

/// Declares cells that hold one of an enum's states, made by [`labels!`](crate::labels!). In an exposition each state
/// is a series, 1 for the one that holds; in the tree it is its name. The first variant is the first state.
///
/// ```
/// ukstore::labels! {
///     /// What the replica does.
///     pub enum Role { Starting = "starting", Follower = "follower", Leader = "leader" }
/// }
/// ukstore::states! {
///     /// What the replica does.
///     static ROLE: Role = "/doc/role", "doc_role";
/// }
/// ROLE.set(Role::Leader);
/// assert_eq!(ROLE.get(), Role::Leader);
/// assert_eq!(ukstore::read("/doc/role").map(|value| value.to_string()), Ok("leader".into()));
/// ```
#[macro_export]
macro_rules! states {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident : $States:ty = $path:literal, $name:literal;)+) => {
        $(
            $(#[doc = $doc])*
            $vis static $NAME: $crate::State<$States> = $crate::State::new();
            const _: () = {
                const __UKSTORE_WORDS: &[&str] = <$States as $crate::Labels>::VALUES;
                // The label is called as the metric.
                $crate::names::demand_labels($name, __UKSTORE_WORDS);
                static __UKSTORE_STATES: $crate::States = $crate::States::new(
                    __UKSTORE_WORDS,
                    $crate::__prefixes!($name, $name, __UKSTORE_WORDS),
                    || $NAME.index(),
                );
                $crate::__place!(family $name, $path, [$name], $crate::Family::states(
                    const { $crate::__head!(StateSet, $path, $name, [], [$($doc)*]) }, &__UKSTORE_STATES));
                $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
            };
        )+
    };
}
