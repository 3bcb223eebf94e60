//! Many objects of one class: what each takes, and how they are told.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use periscope::ukstore::{self, Object, Value};

ukstore::class! {
    /// Things of which there are many.
    pub static WIDGETS: Class<struct Widget> = "/bench/widgets" {
        /// Times it turned.
        counter turns = "turns_total";
    }
}

/// How many are added.
pub(crate) const COUNT: u32 = 10_000;

/// Adds them all. They stay for as long as the result lives.
pub(crate) fn add() -> Vec<Object<Widget>> {
    let mut widgets = Vec::with_capacity(COUNT as usize);
    widgets.extend((0..COUNT).map(|number| WIDGETS.add(&name(number), Widget::new())));
    widgets
}

/// The path of one.
pub(crate) fn path(number: u32) -> String {
    format!("/bench/widgets/{}", name(number))
}

fn name(number: u32) -> String {
    format!("widget-{number}")
}

/// Bytes of heap in use.
pub(crate) fn heap() -> Result<u64, String> {
    match ukstore::read("/memory/heap/used_bytes") {
        Ok(Value::U64(bytes)) => Ok(bytes),
        other => Err(format!("no use of the heap is told: {other:?}")),
    }
}
