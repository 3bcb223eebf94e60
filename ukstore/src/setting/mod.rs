//! Entries that may be written while the machine runs: typed, validated, and it is known who wrote last and when. Not
//! for who may write: that is the caller's to decide.

mod parse;
mod refused;
mod scalar;
mod text;
mod write;

pub use refused::Refused;
pub use scalar::{Limits, Scalar, Setting};
pub use text::TextSetting;
pub(crate) use write::Written;
pub use write::{LastWrite, Writer, write};

use core::fmt;
use core::mem::offset_of;

use crate::record::layout;
use crate::{Family, Text, Unit, Value};

/// A setting as readers and writers see it, whatever its type. One for each declaration, in read-only memory.
#[derive(Debug)]
#[repr(C)]
pub struct SettingRecord {
    /// First, because the build's check reads it there.
    help: &'static str,
    unit: Unit,
    /// Whether to set it is to do harm on purpose.
    fault: bool,
    family: Option<&'static Family>,
    cell: &'static (dyn Settable + Sync),
}

const _: () = {
    assert!(offset_of!(SettingRecord, help) == 0 && offset_of!(SettingRecord, unit) == layout::SETTING_UNIT);
    assert!(offset_of!(SettingRecord, fault) == layout::SETTING_FAULT);
    assert!(offset_of!(SettingRecord, family) == layout::SETTING_FAMILY);
};

/// What a setting's cell can do.
#[doc(hidden)]
pub trait Settable: fmt::Debug {
    /// Parses, checks and stores.
    fn write(&self, text: &str, by: Writer) -> Result<(), Refused>;
    /// Its value; [`Value::Absent`] if it is a text.
    fn value(&self) -> Value;
    /// Its text, if it is one.
    fn text(&self) -> Option<Text>;
    /// Who wrote last, and when.
    fn last_write(&self) -> Option<LastWrite>;
    /// What it takes, in words: `1 to 1000`.
    fn accepts(&self, out: &mut dyn fmt::Write) -> fmt::Result;
}

impl SettingRecord {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        help: &'static str,
        unit: Unit,
        fault: bool,
        family: Option<&'static Family>,
        cell: &'static (dyn Settable + Sync),
    ) -> Self {
        Self { help, unit, fault, family, cell }
    }

    /// What it is for.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// The unit it counts in.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// Whether to set it is to do harm on purpose, to rehearse: a machine takes such writes only if told so.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        self.fault
    }

    /// The metric family that tells its value, if any.
    #[must_use]
    pub const fn family(&self) -> Option<&'static Family> {
        self.family
    }

    /// Its value; [`Value::Absent`] if it is a text.
    #[must_use]
    pub fn value(&self) -> Value {
        self.cell.value()
    }

    /// Its text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        self.cell.text()
    }

    /// Who wrote last, and when; `None` if it still has the value it was built with.
    #[must_use]
    pub fn last_write(&self) -> Option<LastWrite> {
        self.cell.last_write()
    }

    /// What it takes, in words: `1 to 1000`, `true or false`.
    #[must_use]
    pub fn accepts(&self) -> impl fmt::Display + use<> {
        Accepts(self.cell)
    }

    /// Writes it: the text is parsed, checked, and stored or refused.
    ///
    /// # Errors
    /// Why the text is not a value this setting takes.
    pub fn write(&self, text: &str, by: Writer) -> Result<(), Refused> {
        self.cell.write(text, by)
    }
}

struct Accepts(&'static (dyn Settable + Sync));

impl fmt::Display for Accepts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.accepts(out)
    }
}
