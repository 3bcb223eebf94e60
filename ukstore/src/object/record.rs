//! The constant part of a class: what readers and the build's check need to know of it.

use super::class::Objects;
use crate::Family;

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

/// A field of every object of a class: its name in the tree and its family.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    name: &'static str,
    family: &'static Family,
}

impl Field {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, family: &'static Family) -> Self {
        Self { name, family }
    }

    /// Its name below the object.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The family it gives a sample to.
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

    pub(crate) const fn objects(&self) -> &'static dyn Objects {
        self.objects
    }
}
