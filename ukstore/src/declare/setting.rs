//! `setting!`: entries that may be written while the machine runs.

/// Declares settings: type, default, what it takes, and path. The type is `u64`, `i64`, `f64`, `bool`, `Duration`, an
/// enum made by [`labels!`](crate::labels!), or `text(MOST)` for words of at most that many bytes. With a metric name it
/// is also a gauge; enums and texts cannot be.
///
/// ```
/// use core::time::Duration;
///
/// ukstore::labels! {
///     /// How eagerly the cache is filled.
///     pub enum Eagerness { Lazy = "lazy", Eager = "eager" }
/// }
/// ukstore::setting! {
///     /// Requests answered at once.
///     pub static LIMIT: u64 = 64, in 1..=1000, "/doc/limit", "doc_limit";
///     /// How much the cache may hold.
///     static CACHE_SIZE: u64 = 1 << 20, in 0..=1 << 30, "/doc/cache_size_bytes", Bytes;
///     /// How long a session may idle.
///     static IDLE: Duration = Duration::from_secs(60), "/doc/idle_seconds", Seconds;
///     /// How eagerly the cache is filled.
///     static EAGERNESS: Eagerness = Eagerness::Lazy, "/doc/eagerness";
///     /// What visitors are greeted with.
///     static GREETING: text(64) = "hello", "/doc/greeting";
/// }
/// assert_eq!(LIMIT.get(), 64);
/// LIMIT.set(100).expect("it is in the range");
/// let by = ukstore::Writer::Program;
/// assert!(ukstore::write("/doc/limit", "1001", by).is_err_and(|why| why.to_string() == "out of range: 1 to 1000"));
/// assert_eq!(ukstore::write("/doc/cache_size_bytes", "64KiB", by).map(|()| CACHE_SIZE.get()), Ok(65536));
/// assert_eq!(ukstore::write("/doc/idle_seconds", "1.5m", by).map(|()| IDLE.get()), Ok(Duration::from_secs(90)));
/// assert_eq!(ukstore::write("/doc/eagerness", "eager", by).map(|()| EAGERNESS.get()), Ok(Eagerness::Eager));
/// assert_eq!(ukstore::write("/doc/greeting", "good day", by).map(|()| GREETING.get().to_string()), Ok("good day".into()));
/// ```
/// A program looks at a setting when it needs it, or subscribes to events ([`Subscriber`](crate::Subscriber)). Nothing
/// of the program runs when somebody writes; `=> prompt function` names one that does all the same, vouching that it
/// returns at once, and for texts `check prompt function` one that says what is wrong with a text.
#[macro_export]
macro_rules! setting {
    ($($settings:tt)+) => { $crate::__setting! { [false] $($settings)+ } };
}

/// Declares settings that do harm on purpose, so that people can rehearse: as [`setting!`](crate::setting!), but a
/// machine takes such writes from outside only where it was told to (`--debug-faults=on`).
///
/// ```
/// ukstore::fault! {
///     /// Share of replies, in percent, that are thrown away.
///     static DROP: u64 = 0, in 0..=100, "/doc/faults/drop";
/// }
/// assert_eq!(DROP.get(), 0);
/// ```
#[macro_export]
macro_rules! fault {
    ($($settings:tt)+) => { $crate::__setting! { [true] $($settings)+ } };
}

/// Settings, one after the other; whether they are faults comes first.
#[doc(hidden)]
#[macro_export]
macro_rules! __setting {
    ([$fault:literal]) => {};
    ([$fault:literal] $(#[doc = $doc:literal])* $vis:vis static $NAME:ident : text($most:literal) = $default:literal,
        $path:literal $(, check prompt $check:expr)? $(=> prompt $then:expr)?; $($rest:tt)*) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::TextSetting = $crate::TextSetting::new(
            $path,
            $default,
            $most,
            $crate::__or!([|_| ::core::result::Result::Ok(())] $($check)?),
            $crate::__option!($($then)?),
        );
        const _: () = {
            static __UKSTORE_SETTING: $crate::SettingRecord = $crate::SettingRecord::new(
                $crate::__help!($path; $($doc)*), $crate::Unit::None, $fault, ::core::option::Option::None, &$NAME);
            $crate::__place!(entry $path, $crate::Entry::setting($path, &__UKSTORE_SETTING));
        };
        $crate::__setting! { [$fault] $($rest)* }
    };
    ([$fault:literal] $(#[doc = $doc:literal])* $vis:vis static $NAME:ident : $T:ty = $default:expr $(, in $range:expr)?,
        $path:literal $(, $name:literal)? $(, $unit:ident)? $(=> prompt $then:expr)?; $($rest:tt)*) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::Setting<$T> = $crate::Setting::new(
            $path,
            $default,
            $crate::__limits!($T $(, $range)?),
            $crate::__unit!($($unit)?),
            $crate::__option!($($then)?),
        );
        const _: () = {
            $crate::__limits!($T $(, $range)?).demand($path, $default);
            static __UKSTORE_SETTING: $crate::SettingRecord = $crate::SettingRecord::new(
                $crate::__help!($path; $($doc)*),
                $crate::__unit!($($unit)?),
                $fault,
                $crate::__setting_family!([$($name)?] [$($doc)*] $T, $NAME, $path, [$($unit)?]),
                &$NAME,
            );
            $crate::__place!(entry $path, $crate::Entry::setting($path, &__UKSTORE_SETTING));
        };
        $crate::__setting! { [$fault] $($rest)* }
    };
}

/// The family that tells a setting's value.
#[doc(hidden)]
#[macro_export]
macro_rules! __setting_family {
    ([] $($rest:tt)*) => { ::core::option::Option::None };
    ([$name:literal] [$($doc:literal)*] $T:ty, $NAME:ident, $path:literal, $unit:tt) => {{
        const _: () = ::core::assert!(
            <$T as $crate::Scalar>::WORDS.is_empty(),
            "ukstore: a setting of words has no metric: declare states! beside it"
        );
        $crate::__place!(family $name, $path, [""], $crate::Family::computed(
            const { $crate::__head!(Gauge, $path, $name, $unit, [$($doc)*]) },
            || $crate::Scalar::value($NAME.get()),
        ));
        ::core::option::Option::Some(&__UKSTORE_FAMILY)
    }};
}

/// The least and the greatest value of a range.
#[doc(hidden)]
#[macro_export]
macro_rules! __limits {
    ($T:ty) => {
        $crate::Limits::<$T>(::core::option::Option::None)
    };
    ($T:ty, $range:expr) => {{
        const __UKSTORE_RANGE: ::core::ops::RangeInclusive<$T> = $range;
        $crate::Limits(::core::option::Option::Some((*__UKSTORE_RANGE.start(), *__UKSTORE_RANGE.end())))
    }};
}

/// What is given, or nothing.
#[doc(hidden)]
#[macro_export]
macro_rules! __option {
    () => {
        ::core::option::Option::None
    };
    ($value:expr) => {
        ::core::option::Option::Some($value)
    };
}

/// What is given, or something else.
#[doc(hidden)]
#[macro_export]
macro_rules! __or {
    ([$other:expr]) => {
        $other
    };
    ([$other:expr] $value:expr) => {
        $value
    };
}
