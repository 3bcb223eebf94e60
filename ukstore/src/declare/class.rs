//! `class!`: objects that come and go, each a directory of fields; `group!`: one such directory that stays.

/// Declares a class of objects: its path and the fields every object has. With a label and a bound, `label NAME, series
/// N`, each field is a metric family, and at most `N` objects at a time have series of their own; what the others count
/// is told together, with the label value `other`. Without, the objects are in the tree only: right for connections and
/// peers, which come without bound.
///
/// The fields of a new struct:
///
/// ```
/// ukstore::class! {
///     /// Workers.
///     pub static WORKERS: Class<struct Work> = "/doc/workers", label worker, series 64 {
///         /// Pieces of work done.
///         counter done = "done_total", "doc_worker_done_total";
///         /// Pieces of work waiting.
///         gauge waiting = "waiting", "doc_worker_waiting";
///         /// Packets dropped, by reason.
///         counter drops = "drops_total", "doc_worker_drops_total" { reason = ["full", "late"] };
///     }
/// }
/// let first = WORKERS.add("first", Work::new());
/// first.done.add(3);
/// first.drops[1].inc();
/// assert_eq!(ukstore::read("/doc/workers/first/done_total"), Ok(ukstore::Value::U64(3)));
/// assert_eq!(ukstore::read("/doc/workers/first/drops_total/late"), Ok(ukstore::Value::U64(1)));
/// drop(first);
/// assert!(ukstore::lookup("/doc/workers/first").is_err());
/// ```
/// Or of a struct that is there already: `=> .field` names a cell of it, or an array of cells if the field has a label of
/// its own. `=> prompt |object| …` computes, in a critical section: it must return at once, and neither add to the class
/// nor drop from it. `=> zero` is what is zero by nature: see [`zero!`](crate::zero!). Histograms are of a type that
/// [`buckets!`](crate::buckets!) makes.
///
/// ```
/// use core::sync::atomic::AtomicU64;
///
/// ukstore::buckets! {
///     /// Times a peer takes to answer.
///     pub struct Answers = Seconds, [1_000_000, 10_000_000];
/// }
/// #[derive(Default)]
/// pub struct Peer { lost: AtomicU64, window: AtomicU64, answers: Answers }
///
/// ukstore::class! {
///     /// Peers.
///     static PEERS: Class<Peer> = "/doc/peers" {
///         /// Messages lost.
///         counter "lost_total" => .lost;
///         /// Bytes that may be sent.
///         gauge "window_bytes", Bytes => prompt |peer| {
///             ukstore::Value::U64(peer.window.load(core::sync::atomic::Ordering::Relaxed) * 2)
///         };
///         /// Time to the answer.
///         histogram "answer_seconds", Seconds => .answers;
///         /// Collisions: there are none on a switched wire.
///         counter "collisions_total" => zero;
///     }
/// }
/// let peer = PEERS.add("10.0.0.7:443", Peer::default());
/// peer.answers.observe(2_000_000);
/// assert_eq!(ukstore::read("/doc/peers/10.0.0.7:443/window_bytes"), Ok(ukstore::Value::U64(0)));
/// ```
#[macro_export]
macro_rules! class {
    () => {};
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident : Class<struct $T:ident> = $path:literal
        $(, label $label:ident, series $bound:literal)? {
        $($(#[doc = $field_doc:literal])* $field_vis:vis $kind:ident $cell:ident $(: $Cell:ty)? = $field:literal
            $(, $name:literal)? $({ $($own:tt)+ })? $(, $unit:ident)?;)+
    } $($rest:tt)*) => {
        $crate::__struct! {
            [$(#[doc = $doc])*] $vis $T { $([$(#[doc = $field_doc])*] $field_vis $kind $cell [$($Cell)?] [$($($own)+)?];)+ }
        }
        $($crate::__demand_unit! { $kind [$($Cell)?] $field [$($unit)?] })+
        $crate::class! {
            $(#[doc = $doc])* $vis static $NAME: Class<$T> = $path $(, label $label, series $bound)? {
                $($(#[doc = $field_doc])* $kind $field $(, $name)? $({ $($own)+ })? $(, $unit)? => .$cell;)+
            }
            $($rest)*
        }
    };
    ($(#[doc = $doc:literal])* $vis:vis static $NAME:ident : Class<$T:ty> = $path:literal
        $(, label $label:ident, series $bound:literal)? {
        $($fields:tt)+
    } $($rest:tt)*) => {
        $(#[doc = $doc])*
        $vis static $NAME: $crate::Class<$T> =
            $crate::Class::new($path, $crate::__option!($($bound)?), $crate::__reads!([$T] [] $($fields)+));
        const _: () = {
            const __UKSTORE_LABEL: &str = ::core::concat!($(::core::stringify!($label))?);
            static __UKSTORE_CLASS: $crate::ClassRecord = $crate::ClassRecord::new(
                $crate::__help!($path; $($doc)*),
                $path,
                __UKSTORE_LABEL,
                $crate::__fields!([$path, of_class, __UKSTORE_CLASS, [$($label)?]] 0; [] $($fields)+),
                &$NAME,
            );
            $crate::__place!(entry $path, $crate::Entry::class($path, &__UKSTORE_CLASS));
        };
        $crate::class! { $($rest)* }
    };
}

/// Declares a group: a struct of cells that is one directory, written and read as one.
///
/// ```
/// ukstore::group! {
///     /// The cache.
///     pub static CACHE: struct Cache = "/doc/cache" {
///         /// Lookups that found something.
///         counter hits = "hits_total", "doc_cache_hits_total";
///         /// Bytes held.
///         gauge held = "held_bytes", "doc_cache_held_bytes", Bytes;
///     }
/// }
/// CACHE.hits.inc();
/// // Nobody who lists the directory sees the one without the other.
/// CACHE.update(|cache| {
///     cache.hits.inc();
///     cache.held.add(512);
/// });
/// assert_eq!(ukstore::read("/doc/cache/hits_total"), Ok(ukstore::Value::U64(2)));
/// ```
/// A field's cell is a [`Counter`](crate::Counter), a [`Gauge`](crate::Gauge), or what is written: `gauge load: FloatGauge
/// = …`, `histogram latency: Latency = …` with a type that [`buckets!`](crate::buckets!) makes. Without a metric name a
/// field is in the tree only.
#[macro_export]
macro_rules! group {
    ($($(#[doc = $doc:literal])* $vis:vis static $NAME:ident : struct $T:ident = $path:literal {
        $($(#[doc = $field_doc:literal])* $field_vis:vis $kind:ident $cell:ident $(: $Cell:ty)? = $field:literal
            $(, $name:literal)? $({ $($own:tt)+ })? $(, $unit:ident)?;)+
    })+) => {
        $(
            $crate::__struct! {
                [$(#[doc = $doc])*] $vis $T { $([$(#[doc = $field_doc])*] $field_vis $kind $cell [$($Cell)?] [$($($own)+)?];)+ }
            }
            $($crate::__demand_unit! { $kind [$($Cell)?] $field [$($unit)?] })+
            $(#[doc = $doc])*
            $vis static $NAME: $crate::Group<$T> = $crate::Group::new(
                $T::new(),
                $crate::__reads!([$T] [] $($kind $field $(, $name)? $({ $($own)+ })? $(, $unit)? => .$cell;)+),
            );
            const _: () = {
                static __UKSTORE_GROUP: $crate::GroupRecord = $crate::GroupRecord::new(
                    $crate::__help!($path; $($doc)*),
                    $path,
                    $crate::__fields!([$path, of_group, __UKSTORE_GROUP, []] 0; [] $(
                        $(#[doc = $field_doc])* $kind $field $(, $name)? $({ $($own)+ })? $(, $unit)? => .$cell;
                    )+),
                    &$NAME,
                );
                $crate::__place!(entry $path, $crate::Entry::group($path, &__UKSTORE_GROUP));
            };
        )+
    };
}

/// The struct of a group's or an object's cells, all at zero.
#[doc(hidden)]
#[macro_export]
macro_rules! __struct {
    ([$($meta:tt)*] $vis:vis $T:ident {
        $([$($field_meta:tt)*] $field_vis:vis $kind:ident $cell:ident [$($Cell:ty)?] [$($own:tt)*];)+
    }) => {
        $($meta)*
        #[derive(::core::fmt::Debug)]
        $vis struct $T {
            $($($field_meta)* $field_vis $cell: $crate::__cell_type!($kind [$($Cell)?] [$($own)*]),)+
        }

        impl $T {
            /// All at zero.
            #[must_use]
            $vis const fn new() -> Self {
                Self { $($cell: $crate::__cell_new!($kind [$($Cell)?] [$($own)*]),)+ }
            }
        }

        impl ::core::default::Default for $T {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

/// The type of a field's cell.
#[doc(hidden)]
#[macro_export]
macro_rules! __cell_type {
    (counter [] []) => { $crate::Counter };
    (gauge [] []) => { $crate::Gauge };
    // `__cell_new!` says that it is missing.
    (histogram [] []) => { $crate::Histogram };
    ($kind:ident [$Cell:ty] []) => { $Cell };
    ($kind:ident [$($Cell:ty)?] [$($own:tt)+]) => {
        [$crate::__cell_type!($kind [$($Cell)?] []); $crate::__own_values!($($own)+).len()]
    };
}

/// A field's cell at zero.
#[doc(hidden)]
#[macro_export]
macro_rules! __cell_new {
    (counter [] []) => { $crate::Counter::new() };
    (gauge [] []) => { $crate::Gauge::new() };
    (histogram [] []) => {{
        ::core::compile_error!("ukstore: a histogram's field names a type made by `buckets!`: `histogram field: Type = …`");
        loop {}
    }};
    ($kind:ident [$Cell:ty] []) => { <$Cell>::new() };
    ($kind:ident [$($Cell:ty)?] [$($own:tt)+]) => {
        [const { $crate::__cell_new!($kind [$($Cell)?] []) }; $crate::__own_values!($($own)+).len()]
    };
}

/// A histogram's field has the unit its buckets are written in.
#[doc(hidden)]
#[macro_export]
macro_rules! __demand_unit {
    (histogram [$Cell:ty] $field:literal [$($unit:ident)?]) => {
        const _: () = if <$Cell>::UNIT as u8 != $crate::__unit!($($unit)?) as u8 {
            $crate::names::demand($field, ::core::result::Result::Err("its unit is not that of its buckets"));
        };
    };
    ($($other:tt)*) => {};
}

/// The values of a field's own label.
#[doc(hidden)]
#[macro_export]
macro_rules! __own_values {
    () => {{
        const NONE: &[&str] = &[];
        NONE
    }};
    ($label:ident = [$($value:literal),+ $(,)?]) => {{
        const VALUES: &[&str] = &[$($value),+];
        VALUES
    }};
    ($label:ident : $Labels:ty) => { <$Labels as $crate::Labels>::VALUES };
}

/// The name of a field's own label.
#[doc(hidden)]
#[macro_export]
macro_rules! __own_name {
    () => {
        ""
    };
    ($label:ident $($rest:tt)+) => {
        ::core::stringify!($label)
    };
}

/// How each field is read, one after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __reads {
    ([$T:ty] [$($done:tt)*]) => {{
        const __UKSTORE_READS: &[$crate::FieldRead<$T>] = &[$($done)*];
        __UKSTORE_READS
    }};
    ([$T:ty] [$($done:tt)*] $(#[doc = $doc:literal])* histogram $field:literal $(, $name:literal)? $(, $unit:ident)?
        => .$($cell:ident).+; $($rest:tt)*) => {
        $crate::__reads!([$T] [$($done)* $crate::FieldRead::Histogram(|object: &$T| &object.$($cell).+),] $($rest)*)
    };
    ([$T:ty] [$($done:tt)*] $(#[doc = $doc:literal])* $kind:ident $field:literal $(, $name:literal)? $({ $($own:tt)+ })?
        $(, $unit:ident)? => .$($cell:ident).+; $($rest:tt)*) => {
        $crate::__reads!([$T] [$($done)* $crate::FieldRead::Value {
            read: |object: &$T, index| {
                $crate::Number::number(&object.$($cell).+, index, $crate::__unit!($($unit)?))
            },
            values: $crate::names::series_of(|object: &$T| &object.$($cell).+, $crate::__own_values!($($($own)+)?)),
            counts: ::core::matches!($crate::__kind!($kind), $crate::Kind::Counter),
        },] $($rest)*)
    };
    ([$T:ty] [$($done:tt)*] $(#[doc = $doc:literal])* histogram $field:literal $(, $name:literal)? $({ $($own:tt)+ })?
        $(, $unit:ident)? => prompt $($rest:tt)*) => {
        ::core::compile_error!("ukstore: a histogram names a cell: write `=> .cell`")
    };
    ([$T:ty] [$($done:tt)*] $(#[doc = $doc:literal])* $kind:ident $field:literal $(, $name:literal)? $({ $($own:tt)+ })?
        $(, $unit:ident)? => prompt |$object:ident $(, $index:ident)?| $read:expr; $($rest:tt)*) => {
        $crate::__reads!([$T] [$($done)* $crate::FieldRead::Value {
            read: $crate::__prompt!([$T] |$object $(, $index)?| $read),
            values: $crate::names::series($crate::__own_values!($($($own)+)?)),
            counts: ::core::matches!($crate::__kind!($kind), $crate::Kind::Counter),
        },] $($rest)*)
    };
    ([$T:ty] [$($done:tt)*] $(#[doc = $doc:literal])* $kind:ident $field:literal $(, $name:literal)? $(, $unit:ident)?
        => zero; $($rest:tt)*) => {
        $crate::__reads!([$T] [$($done)*] $kind $field $(, $unit)? => prompt |_object| $crate::__nothing!($($unit)?); $($rest)*)
    };
}

/// A field's function, with the index of a label value or without.
#[doc(hidden)]
#[macro_export]
macro_rules! __prompt {
    ([$T:ty] |$object:ident| $read:expr) => {
        |$object: &$T, _| $read
    };
    ([$T:ty] |$object:ident, $index:ident| $read:expr) => {
        |$object: &$T, $index| $read
    };
}

/// The constant part of each field, one after the other; those with a metric name also become families.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    ([$($of:tt)*] $index:expr; [$($done:tt)*]) => {{
        static __UKSTORE_FIELDS: &[$crate::Field] = &[$($done)*];
        __UKSTORE_FIELDS
    }};
    ([$($of:tt)*] $index:expr; [$($done:tt)*] $(#[doc = $doc:literal])* $kind:ident $field:literal $(, $name:literal)?
        $(, $unit:ident)? => zero; $($rest:tt)*) => {
        $crate::__fields!([$($of)*] $index + 1; [$($done)* $crate::Field::new(
            $field,
            $crate::__field_family!([$($of)*] $index; [$($name)?] [] [$($doc)*] $kind $field [$($unit)?] [zero]),
        ),] $($rest)*)
    };
    ([$($of:tt)*] $index:expr; [$($done:tt)*] $(#[doc = $doc:literal])* $kind:ident $field:literal $(, $name:literal)?
        $({ $($own:tt)+ })? $(, $unit:ident)? => $(.$cell:ident)* $(prompt |$object:ident $(, $of_label:ident)?| $read:expr)?;
        $($rest:tt)*) => {
        $crate::__fields!([$($of)*] $index + 1; [$($done)* $crate::Field::new(
            $field,
            $crate::__field_family!(
                [$($of)*] $index; [$($name)?] [$($($own)+)?] [$($doc)*] $kind $field [$($unit)?] []
            ),
        )
        $(.labelled(const {
            const __UKSTORE_VALUES: &[&str] = $crate::__own_values!($($own)+);
            &$crate::FieldLabel::new($crate::__own_name!($($own)+), __UKSTORE_VALUES,
                $crate::__framed!($crate::text::Frame::ending($crate::__own_name!($($own)+)), __UKSTORE_VALUES))
        }))?,]
        $($rest)*)
    };
}

/// A field's family: with a metric name it is placed in the table, without one no exposition has it.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_family {
    ([$path:literal, $($of:tt)*] $index:expr; [] [$($own:tt)*] [$($doc:literal)*] $kind:ident $field:literal
        [$($unit:ident)?] [$($zero:ident)?]) => {{
        static __UKSTORE_FAMILY: $crate::Family = $crate::Family::untold(const {
            const __UKSTORE_HELP: &str = $crate::__help!($field; $($doc)*);
            const __UKSTORE_KIND: $crate::Kind = $crate::__kind!($kind);
            $crate::Head::new(
                $crate::__join!("# HELP ", $field, " ", __UKSTORE_HELP, "\n# TYPE ", $field, " ",
                    __UKSTORE_KIND.type_name(), "\n", $field, $crate::names::source($path)),
                $field,
                __UKSTORE_HELP,
                __UKSTORE_KIND,
                $crate::__unit!($($unit)?),
            )$(.$zero())?
        });
        &__UKSTORE_FAMILY
    }};
    ([$path:literal, $constructor:ident, $RECORD:ident, [$($label:ident)?]] $index:expr; [$name:literal] [$($own:tt)*]
        [$($doc:literal)*] $kind:ident $field:literal $unit:tt [$($zero:ident)?]) => {{
        $crate::__place!(family $name, ::core::concat!($path, $("/<", ::core::stringify!($label), ">",)? "/", $field),
            [::core::concat!($(::core::stringify!($label), " ",)? $crate::__own_told!($($own)*))],
            $crate::Family::$constructor(
                const {
                    $crate::__head_of!($kind, $path, $name, $unit, [$($doc)*] $(, label ::core::stringify!($label))?)
                        $(.$zero())?
                },
                $index,
                &$RECORD,
            ));
        &__UKSTORE_FAMILY
    }};
}

/// A field's own label as the build's check tells it.
#[doc(hidden)]
#[macro_export]
macro_rules! __own_told {
    () => { "" };
    ($label:ident = [$($value:literal),+ $(,)?]) => { ::core::concat!(::core::stringify!($label), $("=", $value),+) };
    ($label:ident : $Labels:ty) => { ::core::stringify!($label) };
}
