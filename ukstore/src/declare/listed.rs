//! `listed!`: a family whose series are found when read.

/// Declares counters and gauges whose series are found when somebody reads, each with several labels: for few series with
/// labels of their own. What comes and goes in numbers is a [`class!`](crate::class!).
///
/// The function gets a position, moves it to the first series there or behind, and gives that series' label values, in
/// the order of the labels, with its number; `None` behind the last. It must return at once. In the tree the family is the
/// sum of its series.
///
/// ```
/// use ukstore::Value;
///
/// const LINES: [([&str; 2], u64); 2] = [(["9", "disk"], 17), (["11", "clock"], 4)];
///
/// ukstore::listed! {
///     /// Interrupts, by line and device.
///     counter "/doc/interrupts_total", "doc_interrupts_total", { line, device } => prompt |position| {
///         let (labels, count) = LINES.get(*position as usize)?;
///         Some((*labels, Value::U64(*count)))
///     };
/// }
/// assert_eq!(ukstore::read("/doc/interrupts_total"), Ok(Value::U64(21)));
/// ```
#[macro_export]
macro_rules! listed {
    () => {};
    ($(#[doc = $doc:literal])* $kind:ident $path:literal, $name:literal $(, $unit:ident)?,
        { $($label:ident),+ $(,)? } => prompt |$position:ident| $read:expr; $($rest:tt)*) => {
        const _: () = {
            const __UKSTORE_LABELS: &[&str] = &[$(::core::stringify!($label)),+];
            const __UKSTORE_TEXTS: &[&str] = $crate::__list_texts!($name; [] [$name, "{"] $($label)+);
            static __UKSTORE_LIST: $crate::List = $crate::List::new(__UKSTORE_LABELS, __UKSTORE_TEXTS, |position, words| {
                let read = |$position: &mut u32| -> ::core::option::Option<(
                    [&'static str; __UKSTORE_LABELS.len()],
                    $crate::Value,
                )> { $read };
                let (given, value) = read(position)?;
                for (word, given) in words.iter_mut().zip(given) {
                    *word = given;
                }
                ::core::option::Option::Some(value)
            });
            $crate::__place!(family $name, $path, [::core::concat!($(::core::stringify!($label), " "),+)],
                $crate::Family::list(
                    const { $crate::__number_head!($kind, $path, $name, [$($unit)?], [$($doc)*]) }, &__UKSTORE_LIST));
            $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
        };
        $crate::listed! { $($rest)* }
    };
}

/// What stands before each label's value in a line: `name{label="` before the first, `",label="` before the others.
#[doc(hidden)]
#[macro_export]
macro_rules! __list_texts {
    ($name:literal; [$($done:expr,)*] [$($before:expr),+]) => { &[$($done),*] };
    ($name:literal; [$($done:expr,)*] [$($before:expr),+] $label:ident $($rest:ident)*) => {
        $crate::__list_texts!($name;
            [$($done,)* ::core::concat!($($before,)+ ::core::stringify!($label), "=\""),] ["\","] $($rest)*)
    };
}
