//! The constant part of a class: what readers and the build's check need to know of it.

use core::mem::offset_of;

use super::objects::Objects;
use crate::names::{self, demand};
use crate::record::{Field, demand_fields, layout};

/// The label value under which expositions have the objects that have no series of their own.
pub const OTHER: &str = "other";

/// A class's path, label and fields. One for each `class!`, in read-only memory.
#[derive(Debug)]
#[repr(C)]
pub struct ClassRecord {
    /// First, because the build's check reads it there.
    help: &'static str,
    path: &'static str,
    /// Empty if the class has no series.
    label: &'static str,
    fields: &'static [Field],
    objects: &'static dyn Objects,
}

const _: () = {
    assert!(offset_of!(ClassRecord, help) == 0 && offset_of!(ClassRecord, label) == layout::CLASS_LABEL);
    assert!(offset_of!(ClassRecord, fields) == layout::CLASS_FIELDS);
};

impl ClassRecord {
    /// For the macro. Without series the label is empty. With a label some fields may have no metric name, but not all.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        help: &'static str,
        path: &'static str,
        label: &'static str,
        fields: &'static [Field],
        objects: &'static dyn Objects,
    ) -> Self {
        if !label.is_empty() {
            demand(label, names::label(label));
        }
        demand_fields(path, label, fields);
        if label.is_empty() == has_family(fields) {
            demand(path, Err("a class has either a label and metric names, or neither"));
        }
        Self { help, path, label, fields, objects }
    }

    /// What its objects are.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// The directory its objects are in.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The label that carries an object's name; empty if the class has no series.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        self.label
    }

    /// The fields, in the order they were declared.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        self.fields
    }

    pub(crate) const fn objects(&self) -> &'static dyn Objects {
        self.objects
    }
}

/// Whether any of the fields is in an exposition.
const fn has_family(fields: &[Field]) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if fields[index].family().is_some() {
            return true;
        }
        index += 1;
    }
    false
}
