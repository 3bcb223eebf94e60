//! The constant part of a class: what readers and the build's check need to know of it.

use super::class::Objects;
use crate::Family;
use crate::names::{self, demand};
use crate::text::equal;

/// A class's path, label and fields. One for each `class!`, in read-only memory.
#[derive(Debug)]
#[repr(C)]
pub struct ClassRecord {
    /// First, because the build's check reads it there.
    help: &'static str,
    path: &'static str,
    label: &'static str,
    fields: &'static [Field],
    objects: &'static dyn Objects,
}

/// A field of every object of a class: its name in the tree, its series and their family.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    name: &'static str,
    series: &'static [(&'static str, &'static str)],
    family: &'static Family,
}

/// Which number of an object: the field, and the value of the field's own label if it has one.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub(crate) field: u8,
    pub(crate) value: u8,
}

impl Field {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        series: &'static [(&'static str, &'static str)],
        family: &'static Family,
    ) -> Self {
        demand(name, names::name(name));
        assert!(series.len() < 256, "ukstore: at most 255 label values in one field");
        let mut index = 0;
        while index < series.len() {
            let (label, value) = series[index];
            demand(label, names::label(label));
            demand(value, names::label_value(value));
            demand(value, names::name(value));
            let mut other = 0;
            while other < index {
                assert!(!equal(series[other].1, value), "ukstore: the same label value twice in one field");
                other += 1;
            }
            index += 1;
        }
        Self { name, series, family }
    }

    /// Its name below the object.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its own label, once with each of its values; empty if it is one series. With a label the field is a
    /// directory of its values.
    #[must_use]
    pub const fn series(&self) -> &'static [(&'static str, &'static str)] {
        self.series
    }

    /// The family it gives samples to.
    #[must_use]
    pub const fn family(&self) -> &'static Family {
        self.family
    }
}

impl ClassRecord {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        help: &'static str,
        path: &'static str,
        label: &'static str,
        fields: &'static [Field],
        objects: &'static dyn Objects,
    ) -> Self {
        demand(label, names::label(label));
        let mut index = 0;
        while index < fields.len() {
            if let [(own, _), ..] = fields[index].series {
                assert!(!equal(own, label), "ukstore: a field's own label cannot be that of its class");
            }
            index += 1;
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

    /// The label that carries an object's name.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        self.label
    }

    /// The fields, in the order they were declared.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        self.fields
    }

    /// The field at an index that came from this class's own tables.
    pub(crate) fn field(&self, column: Column) -> Option<&'static Field> {
        self.fields.get(usize::from(column.field))
    }

    pub(crate) const fn objects(&self) -> &'static dyn Objects {
        self.objects
    }
}
