//! The two tables, as the linker left them, and the bytes it keeps beside one. The only place that reads sections; not for
//! searching in them.
#![allow(unsafe_code, reason = "a table lies between two symbols the linker places; this file alone trusts them")]

use core::sync::atomic::AtomicBool;

use crate::record::{Entry, Family};
use crate::source::Sampled;

/// Every entry of the program, sorted by path.
#[must_use]
pub fn entries() -> &'static [Entry] {
    place::entries()
}

/// Every family of the program, sorted by metric name.
#[must_use]
pub fn families() -> &'static [Family] {
    place::families()
}

/// Every function that is called by a thread of its own, in no order.
pub(crate) fn sampled() -> &'static [&'static Sampled] {
    place::sampled()
}

/// A byte for each family, in their order: whether it is switched off. The rest is known to `gate.rs`.
pub(crate) fn families_off() -> &'static [AtomicBool] {
    place::families_off()
}

/// The records from `start` up to `stop`, which the linker defines as bare addresses.
///
/// # Safety
/// Both must be the bounds of one section that holds records of type `T` back to back, and live for ever.
unsafe fn between<T>(start: *const u8, stop: *const u8) -> &'static [T] {
    let bytes = stop.addr() - start.addr();
    // SAFETY: the caller vouches for a section of back-to-back records between the two.
    unsafe { core::slice::from_raw_parts(start.cast(), bytes / size_of::<T>()) }
}

/// In the kernel the linker script gathers the records, sorts them by name and names the ends.
#[cfg(target_os = "none")]
mod place {
    use super::{AtomicBool, Entry, Family, Sampled, between};

    unsafe extern "C" {
        static __ukstore_sampled_start: u8;
        static __ukstore_sampled_end: u8;
        static __ukstore_entries_start: u8;
        static __ukstore_entries_end: u8;
        static __ukstore_families_start: u8;
        static __ukstore_families_end: u8;
        static __ukstore_families_off: AtomicBool;
    }

    pub(super) fn entries() -> &'static [Entry] {
        // SAFETY: the linker script puts nothing but the records of `__place!` between these two symbols.
        unsafe { between(&raw const __ukstore_entries_start, &raw const __ukstore_entries_end) }
    }

    pub(super) fn families() -> &'static [Family] {
        // SAFETY: the linker script puts nothing but the records of `__place!` between these two symbols.
        unsafe { between(&raw const __ukstore_families_start, &raw const __ukstore_families_end) }
    }

    pub(super) fn sampled() -> &'static [&'static Sampled] {
        // SAFETY: the linker script puts nothing but the references of `computed!` between these two symbols.
        unsafe { between(&raw const __ukstore_sampled_start, &raw const __ukstore_sampled_end) }
    }

    pub(super) fn families_off() -> &'static [AtomicBool] {
        let start = &raw const __ukstore_families_off;
        // SAFETY: the linker script keeps as many zeroed bytes there as there are families, for nothing else; zero is `false`.
        unsafe { core::slice::from_raw_parts(start, families().len()) }
    }
}

/// On the host there is no script of ours: the linker names the ends of a section whose name is a C identifier,
/// and sanitizers leave such a section unpadded. Its records are in no order, so they are sorted once.
#[cfg(not(target_os = "none"))]
mod place {
    use std::sync::OnceLock;
    use std::vec::Vec;

    use super::{AtomicBool, Entry, Family, Sampled, between};

    /// Keeps the section from being empty: without any record in it, the linker would not name its ends.
    #[used]
    #[unsafe(link_section = "ukstore_sampled")]
    static NOBODYS: &Sampled = {
        static NOTHING: Sampled = Sampled::new("", || crate::Value::Absent);
        &NOTHING
    };

    unsafe extern "C" {
        #[link_name = "__start_ukstore_sampled"]
        static SAMPLED_START: u8;
        #[link_name = "__stop_ukstore_sampled"]
        static SAMPLED_STOP: u8;
        #[link_name = "__start_ukstore_entries"]
        static ENTRIES_START: u8;
        #[link_name = "__stop_ukstore_entries"]
        static ENTRIES_STOP: u8;
        #[link_name = "__start_ukstore_families"]
        static FAMILIES_START: u8;
        #[link_name = "__stop_ukstore_families"]
        static FAMILIES_STOP: u8;
    }

    pub(super) fn entries() -> &'static [Entry] {
        static SORTED: OnceLock<Vec<Entry>> = OnceLock::new();
        SORTED.get_or_init(|| {
            // SAFETY: only `__place!` uses this section; ukstore's own entry keeps it from being empty.
            let mut entries = unsafe { between::<Entry>(&raw const ENTRIES_START, &raw const ENTRIES_STOP) }.to_vec();
            entries.sort_by_key(Entry::path);
            entries
        })
    }

    pub(super) fn families() -> &'static [Family] {
        static SORTED: OnceLock<Vec<Family>> = OnceLock::new();
        SORTED.get_or_init(|| {
            // SAFETY: only `__place!` uses this section; ukstore's own family keeps it from being empty.
            let mut families =
                unsafe { between::<Family>(&raw const FAMILIES_START, &raw const FAMILIES_STOP) }.to_vec();
            families.sort_by_key(Family::name);
            families
        })
    }

    pub(super) fn sampled() -> &'static [&'static Sampled] {
        // SAFETY: only `computed!` and the static above use this section.
        unsafe { between(&raw const SAMPLED_START, &raw const SAMPLED_STOP) }
    }

    pub(super) fn families_off() -> &'static [AtomicBool] {
        static OFF: OnceLock<Vec<AtomicBool>> = OnceLock::new();
        OFF.get_or_init(|| families().iter().map(|_| AtomicBool::new(false)).collect())
    }
}

/// The build's check reads texts out of a file as address and length; see `record/layout.rs`.
const _: () = {
    #[repr(C)]
    struct Text {
        address: *const u8,
        len: usize,
    }
    // SAFETY: both are 16 bytes of an address and a length; were they the other way round, this would not compile.
    let text = unsafe { core::mem::transmute::<&str, Text>("length") };
    assert!(text.len == "length".len() && !text.address.is_null());
};
