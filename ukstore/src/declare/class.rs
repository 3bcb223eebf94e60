//! `class!`: objects that come and go, each a directory of fields, each field a family.

/// Declares a class of objects: its path, the label that carries an object's name, how many objects may be in an
/// exposition at a time, and the fields, each with its family. A field's function runs in a critical section.
///
/// ```
/// use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// use ukstore::Value;
///
/// #[derive(Default)]
/// pub struct Work { done: AtomicU64 }
/// ukstore::class! {
///     /// Workers.
///     pub static WORKERS: Class<Work> = "/doc/workers", label worker, series 64 {
///         /// Pieces of work done.
///         counter "done_total", "doc_worker_done_total", |work| Value::U64(work.done.load(Relaxed));
///     }
/// }
/// let first = WORKERS.add("first", Work::default());
/// first.done.fetch_add(3, Relaxed);
/// assert_eq!(ukstore::read("/doc/workers/first/done_total"), Ok(Value::U64(3)));
/// drop(first);
/// assert!(ukstore::lookup("/doc/workers/first").is_err());
/// ```
/// A field may have one series for each value of a label of its own; its function gets the value's index too:
///
/// ```
/// use ukstore::{Counter, Value};
///
/// #[derive(Default)]
/// pub struct Port { drops: [Counter; 2] }
/// ukstore::class! {
///     /// Ports.
///     static PORTS: Class<Port> = "/doc/ports", label port, series 8 {
///         /// Packets dropped, by reason.
///         counter "drops_total", "doc_port_drops_total" { reason = ["full", "late"] },
///             |port, reason| Value::U64(port.drops[reason].get());
///     }
/// }
/// let port = PORTS.add("a", Port::default());
/// port.drops[1].inc();
/// assert_eq!(ukstore::read("/doc/ports/a/drops_total/late"), Ok(Value::U64(1)));
/// ```
#[macro_export]
macro_rules! class {
    ($(
        $(#[doc = $doc:literal])*
        $vis:vis static $NAME:ident : Class<$T:ty> = $path:literal, label $label:ident, series $bound:literal {
            $($(#[doc = $field_doc:literal])* $kind:ident $field:literal,
                $name:literal $({ $field_label:ident = [$($value:literal),+ $(,)?] })? $(, $unit:ident)?,
                |$object:ident $(, $index:ident)?| $read:expr;)+
        }
    )+) => {
        $(
            $(#[doc = $doc])*
            $vis static $NAME: $crate::Class<$T> = {
                const __UKSTORE_READS: &[fn(&$T, usize) -> $crate::Value] =
                    &[$($crate::__field_read!(|$object $(, $index)?| $read)),+];
                $crate::Class::new($bound, __UKSTORE_READS)
            };
            const _: () = {
                const __UKSTORE_FIELDS: &[&str] = &[$($field),+];
                static __UKSTORE_CLASS: $crate::ClassRecord = $crate::ClassRecord::new(
                    $crate::__help!($path; $($doc)*),
                    $path,
                    stringify!($label),
                    &[$($crate::Field::new(
                        $field,
                        &[$($((stringify!($field_label), $value)),+)?],
                        {
                            $crate::__place!(family $name, $crate::Family::field(
                                const { $crate::__field_head!($kind, $name, [$($unit)?], [$($field_doc)*]) },
                                $crate::text::position(__UKSTORE_FIELDS, $field),
                                &__UKSTORE_CLASS,
                            ));
                            &__UKSTORE_FAMILY
                        },
                    )),+],
                    &$NAME,
                );
                $crate::__place!(entry $path, "", $crate::Entry::class($path, &__UKSTORE_CLASS));
            };
        )+
    };
}

/// A field's function, with the index of a label value or without.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_read {
    (|$object:ident| $read:expr) => {
        |$object, _| $read
    };
    (|$object:ident, $index:ident| $read:expr) => {
        |$object, $index| $read
    };
}

/// A field's kind is written in lower case.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_head {
    (counter, $($rest:tt)+) => { $crate::__head!(Counter, $($rest)+) };
    (gauge, $($rest:tt)+) => { $crate::__head!(Gauge, $($rest)+) };
}
