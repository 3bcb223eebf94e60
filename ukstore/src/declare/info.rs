//! `info!`: facts told as labels.

/// Declares an info: a metric that is always 1, whose labels tell. `label = "constant"` is known when the program is
/// built; `label => prompt function` is called at each read, returns a `&'static str`, and must return at once.
///
/// ```
/// fn machine() -> &'static str { "q35" }
/// ukstore::info! {
///     /// What was built.
///     "/doc/build", "doc_build_info", { version = env!("CARGO_PKG_VERSION"), arch = "x86_64" };
///     /// Where it runs.
///     "/doc/machine", "doc_machine_info", { machine => prompt machine, arch = "x86_64" };
/// }
/// assert_eq!(ukstore::read("/doc/build"), Ok(ukstore::Value::U64(1)));
/// ```
#[macro_export]
macro_rules! info {
    ($($(#[doc = $doc:literal])* $path:literal, $name:literal,
        { $($label:ident $(= $value:expr)? $(=> prompt $function:expr)?),+ $(,)? };)+) => {
        $(
            const _: () = {
                const __UKSTORE_LABELS: &[(&str, $crate::LabelValue)] = &[$((
                    ::core::stringify!($label),
                    $($crate::LabelValue::Fixed($value))? $($crate::LabelValue::Computed($function))?,
                )),+];
                const __UKSTORE_PREFIX: [u8; $crate::text::info_prefix_len($name, __UKSTORE_LABELS)] =
                    $crate::text::info_prefix($name, __UKSTORE_LABELS);
                static __UKSTORE_INFO: $crate::Info =
                    $crate::Info::new($crate::text::text(&__UKSTORE_PREFIX), __UKSTORE_LABELS);
                $crate::__place!(family $name, $path, [::core::concat!($(::core::stringify!($label), " "),+)], $crate::Family::info(
                    const { $crate::__head!(Info, $path, $name, [], [$($doc)*]) }, &__UKSTORE_INFO));
                $crate::__place!(entry $path, $crate::Entry::family($path, &__UKSTORE_FAMILY));
            };
        )+
    };
}
