//! The constant part of a field: what a number that belongs to a group or to the objects of a class tells. Not for
//! reading it: see `object/` and `source/`.

use core::mem::offset_of;

use super::layout;
use crate::names::{self, demand};
use crate::object::Columns;
use crate::text::equal;
use crate::{Family, Kind, Unit};

/// The most values a group, or an object, has: what is read together must fit a copy of a fixed size.
pub const MAX_GROUP: usize = 64;

/// The most histograms among the fields of a group or an object.
pub const MAX_GROUP_HISTOGRAMS: usize = 2;

/// A field of a group or of every object of a class: its name in the tree, and what it tells. 32 bytes (`layout.rs`).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Field {
    name: &'static str,
    /// Its own label, unless the field is one series.
    label: Option<&'static FieldLabel>,
    /// Help, kind and unit; in the table of families, or in no exposition.
    family: &'static Family,
}

/// A label of a field's own, and its values.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C)]
pub struct FieldLabel {
    name: &'static str,
    values: &'static [&'static str],
    /// How the labels of an object's series end, behind the object's name: `",label="value"} `.
    endings: &'static [&'static str],
}

impl FieldLabel {
    /// For the macros.
    #[must_use]
    pub const fn new(name: &'static str, values: &'static [&'static str], endings: &'static [&'static str]) -> Self {
        names::demand_labels(name, values);
        assert!(values.len() == endings.len(), "ukstore: one ending for each label value");
        Self { name, values, endings }
    }
}

const _: () = {
    assert!(offset_of!(Field, name) == layout::FIELD_NAME && offset_of!(Field, label) == layout::FIELD_LABEL);
    assert!(offset_of!(Field, family) == layout::FIELD_FAMILY);
    assert!(offset_of!(FieldLabel, name) == 0 && offset_of!(FieldLabel, values) == layout::LABEL_VALUES);
    assert!(offset_of!(GroupRecord, help) == 0 && offset_of!(GroupRecord, fields) == layout::GROUP_FIELDS);
};

/// Which number of a group or an object: the field, and the value of the field's own label if it has one.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub(crate) field: u8,
    pub(crate) value: u8,
}

impl Field {
    /// For the macros.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, family: &'static Family) -> Self {
        demand(name, names::name(name));
        Self { name, label: None, family }
    }

    /// For the macros: gives it a label of its own.
    #[doc(hidden)]
    #[must_use]
    pub const fn labelled(mut self, label: &'static FieldLabel) -> Self {
        self.label = Some(label);
        self
    }

    /// Its name below the group or the object.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it tells.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.family.help()
    }

    /// What sort of thing it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.family.kind()
    }

    /// The unit it counts in.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        self.family.unit()
    }

    /// Its own label and the label's values; without one both are empty. With a label the field is a directory.
    #[must_use]
    pub const fn label(&self) -> (&'static str, &'static [&'static str]) {
        match self.label {
            Some(label) => (label.name, label.values),
            None => ("", &[]),
        }
    }

    /// The family it gives samples to, if any.
    #[must_use]
    pub const fn family(&self) -> Option<&'static Family> {
        if self.family.is_told() { Some(self.family) } else { None }
    }

    pub(crate) const fn is_histogram(&self) -> bool {
        matches!(self.kind(), Kind::Histogram)
    }

    /// How many series it has.
    pub(crate) const fn series(&self) -> usize {
        match self.label {
            Some(label) => label.values.len(),
            None => 1,
        }
    }

    /// How the labels of an object's series with one of its own label's values end.
    pub(crate) fn ending(&self, value: u8) -> Option<&'static str> {
        self.label?.endings.get(usize::from(value)).copied()
    }

    /// Its own label with one of the label's values.
    pub(crate) fn own_label(&self, value: u8) -> Option<(&'static str, &'static str)> {
        let label = self.label?;
        Some((label.name, *label.values.get(usize::from(value))?))
    }
}

/// For the records that have fields: no label of a field is that of its class, no two fields have one name, and all
/// their values fit a group.
pub(crate) const fn demand_fields(of: &'static str, label: &str, fields: &[Field]) {
    let mut values = 0;
    let mut histograms = 0;
    let mut index = 0;
    while index < fields.len() {
        let (own, _) = fields[index].label();
        assert!(own.is_empty() || !equal(own, label), "ukstore: a field's own label cannot be that of its class");
        values += fields[index].series();
        histograms += fields[index].is_histogram() as usize;
        let mut other = 0;
        while other < index {
            if equal(fields[other].name, fields[index].name) {
                demand(fields[index].name, Err("two fields have this name"));
            }
            other += 1;
        }
        index += 1;
    }
    if values > MAX_GROUP {
        demand(of, Err("at most 64 values in one group or object"));
    }
    if histograms > MAX_GROUP_HISTOGRAMS {
        demand(of, Err("at most 2 histograms in one group or object"));
    }
}

/// A group of numbers that are read together: a static directory. One for each `group!`, in read-only memory.
#[derive(Debug)]
#[repr(C)]
pub struct GroupRecord {
    /// First, because the build's check reads it there.
    help: &'static str,
    path: &'static str,
    fields: &'static [Field],
    cells: &'static (dyn Columns + Sync),
}

impl GroupRecord {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        help: &'static str,
        path: &'static str,
        fields: &'static [Field],
        cells: &'static (dyn Columns + Sync),
    ) -> Self {
        demand_fields(path, "", fields);
        Self { help, path, fields, cells }
    }

    /// What belongs together here.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// The directory its fields are in.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The fields, in the order they were declared.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        self.fields
    }

    pub(crate) const fn cells(&self) -> &'static (dyn Columns + Sync) {
        self.cells
    }
}
