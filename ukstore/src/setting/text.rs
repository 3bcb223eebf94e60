//! Settings that are words of any sort, up to a length.

use core::cell::RefCell;
use core::fmt;

use critical_section::Mutex;

use super::{LastWrite, Refused, Settable, Writer, Written};
use crate::source::MAX_TEXT;
use crate::{Text, Value};

/// A text somebody may write. Reading copies it, in a bounded critical section.
pub struct TextSetting {
    path: &'static str,
    default: &'static str,
    most: usize,
    /// Whether a text will do, and what a machine does at once after a write.
    check: fn(&str) -> Result<(), &'static str>,
    then: Option<fn()>,
    text: Mutex<RefCell<Option<Text>>>,
    written: Written,
}

impl TextSetting {
    /// For the macro.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        path: &'static str,
        default: &'static str,
        most: usize,
        check: fn(&str) -> Result<(), &'static str>,
        then: Option<fn()>,
    ) -> Self {
        assert!(most <= MAX_TEXT && default.len() <= most, "ukstore: a text setting has at most 255 bytes");
        Self { path, default, most, check, then, text: Mutex::new(RefCell::new(None)), written: Written::never() }
    }

    /// A copy of the text.
    #[must_use]
    pub fn get(&self) -> Text {
        critical_section::with(|cs| *self.text.borrow_ref(cs)).unwrap_or_else(|| Text::of(self.default))
    }

    /// Sets it, in the program's name.
    ///
    /// # Errors
    /// [`Refused::TooLong`], or what the check says.
    pub fn set(&self, text: &str) -> Result<(), Refused> {
        self.write(text, Writer::Program)
    }
}

impl fmt::Debug for TextSetting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TextSetting").field("path", &self.path).field("text", &self.get()).finish_non_exhaustive()
    }
}

impl Settable for TextSetting {
    fn write(&self, text: &str, by: Writer) -> Result<(), Refused> {
        if text.len() > self.most {
            return Err(Refused::TooLong(self.most));
        }
        (self.check)(text).map_err(Refused::Check)?;
        let copy = Text::of(text);
        self.written.now(self.path, None, by, |cs| *self.text.borrow_ref_mut(cs) = Some(copy));
        if let Some(then) = self.then {
            then();
        }
        Ok(())
    }

    fn value(&self) -> Value {
        Value::Absent
    }

    fn text(&self) -> Option<Text> {
        Some(self.get())
    }

    fn last_write(&self) -> Option<LastWrite> {
        self.written.get()
    }

    fn accepts(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "a text of at most {} bytes", self.most)
    }
}
