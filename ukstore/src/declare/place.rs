//! The inner macros that every declaration ends in: records into sections, texts joined, names checked.
//! Names of hidden items begin with `__UKSTORE` so that expressions a program wrote cannot meet them.

/// Puts an entry or a family where the linker gathers it, and says in a section of its own where it was declared.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    (entry $path:expr, $record:expr) => {
        #[used]
        #[cfg_attr(target_os = "none", unsafe(link_section = ::core::concat!(".ukstore.entries.", $path)))]
        #[cfg_attr(not(target_os = "none"), unsafe(link_section = "ukstore_entries"))]
        static __UKSTORE_ENTRY: $crate::Entry = $record;
        $crate::__origin!("entry", $path, "");
        const _: () = $crate::names::demand($path, $crate::names::path($path));
    };
    (family $name:expr, $path:expr, [$($labels:tt)*], $record:expr) => {
        #[used]
        #[cfg_attr(target_os = "none", unsafe(link_section = ::core::concat!(".ukstore.families.", $name)))]
        #[cfg_attr(not(target_os = "none"), unsafe(link_section = "ukstore_families"))]
        static __UKSTORE_FAMILY: $crate::Family = $record;
        $crate::__origin!("family", $name, ::core::concat!("\t", $path, "\t", $($labels)*));
    };
}

/// One line for the build's check. On the host nobody would read it.
#[doc(hidden)]
#[macro_export]
macro_rules! __origin {
    ($what:literal, $name:expr, $more:expr) => {
        #[cfg(target_os = "none")]
        const _: () = {
            const TEXT: &str = ::core::concat!(
                $what,
                "\t",
                $name,
                "\t",
                ::core::file!(),
                "\t",
                ::core::line!(),
                "\t",
                ::core::module_path!(),
                $more,
                "\n"
            );
            #[used]
            #[unsafe(link_section = ".ukstore.origins")]
            static ORIGIN: [u8; TEXT.len()] = $crate::text::joined(&[TEXT]);
        };
    };
}

/// Joins constant texts into one constant text.
#[doc(hidden)]
#[macro_export]
macro_rules! __join {
    ($($part:expr),+ $(,)?) => {{
        const __UKSTORE_PARTS: &[&str] = &[$($part),+];
        const __UKSTORE_BYTES: [u8; $crate::text::joined_len(__UKSTORE_PARTS)] =
            $crate::text::joined(__UKSTORE_PARTS);
        $crate::text::text(&__UKSTORE_BYTES)
    }};
}

/// A doc comment's first paragraph as one line, checked.
#[doc(hidden)]
#[macro_export]
macro_rules! __help {
    ($what:expr; $($doc:literal)*) => {{
        const __UKSTORE_DOC: &str = ::core::concat!($($doc, "\n",)*);
        const __UKSTORE_LINE: [u8; $crate::text::paragraph_len(__UKSTORE_DOC)] =
            $crate::text::paragraph(__UKSTORE_DOC);
        const __UKSTORE_HELP: &str = $crate::text::text(&__UKSTORE_LINE);
        $crate::names::demand($what, $crate::names::help(__UKSTORE_HELP));
        __UKSTORE_HELP
    }};
}

/// The constant part of a family, its name checked against kind and unit. The source is the path's first name.
#[doc(hidden)]
#[macro_export]
macro_rules! __head {
    ($kind:ident, $path:expr, $name:expr, [$($unit:ident)?], [$($doc:literal)*] $(, label $label:expr)?) => {{
        const __UKSTORE_KIND: $crate::Kind = $crate::Kind::$kind;
        const __UKSTORE_UNIT: $crate::Unit = $crate::__unit!($($unit)?);
        const __UKSTORE_HELP: &str = $crate::__help!($name; $($doc)*);
        const __UKSTORE_TEXT: &str = $crate::__join!(
            "# HELP ", $name, " ", __UKSTORE_HELP, "\n# TYPE ", $name, " ", __UKSTORE_KIND.type_name(), "\n",
            $name, $("{", $label, "=\"",)? $crate::names::source($path),
        );
        $crate::names::demand($name, $crate::names::family($name, __UKSTORE_KIND, __UKSTORE_UNIT));
        $crate::Head::new(__UKSTORE_TEXT, $name, __UKSTORE_HELP, __UKSTORE_KIND, __UKSTORE_UNIT)
    }};
}

/// A kind as declarations write it.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    (counter) => {
        $crate::Kind::Counter
    };
    (gauge) => {
        $crate::Kind::Gauge
    };
    (histogram) => {
        $crate::Kind::Histogram
    };
}

/// As `__head!`, with a kind as declarations write it.
#[doc(hidden)]
#[macro_export]
macro_rules! __head_of {
    (histogram, $($rest:tt)+) => { $crate::__head!(Histogram, $($rest)+) };
    ($($number:tt)+) => { $crate::__number_head!($($number)+) };
}

/// The same for what is one number.
#[doc(hidden)]
#[macro_export]
macro_rules! __number_head {
    (counter, $($rest:tt)+) => { $crate::__head!(Counter, $($rest)+) };
    (gauge, $($rest:tt)+) => { $crate::__head!(Gauge, $($rest)+) };
    (untyped, $($rest:tt)+) => { $crate::__head!(Untyped, $($rest)+) };
}

/// A unit by name, or none.
#[doc(hidden)]
#[macro_export]
macro_rules! __unit {
    () => {
        $crate::Unit::None
    };
    ($unit:ident) => {
        $crate::Unit::$unit
    };
}
