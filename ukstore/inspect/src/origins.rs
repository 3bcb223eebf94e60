//! Where records were declared, from the section that is not loaded. Not for the records themselves.

use ukstore::layout::ORIGINS_SECTION;

use crate::image::{Error, Image};

/// Every declaration the file knows of.
pub(crate) struct Origins<'a> {
    pub(crate) all: Vec<Origin<'a>>,
}

/// One declaration of an entry or a family.
pub(crate) struct Origin<'a> {
    /// `entry` or `family`.
    pub(crate) what: &'a str,
    /// Path or metric name.
    pub(crate) name: &'a str,
    file: &'a str,
    line: &'a str,
    module: &'a str,
}

impl<'a> Origins<'a> {
    pub(crate) fn read(image: &Image<'a>) -> Result<Self, Error> {
        let text = std::str::from_utf8(image.section(ORIGINS_SECTION)?).map_err(|_| Error::NotText(0))?;
        // A linker may pad the pieces of a section with zeros.
        let lines = text.split(['\n', '\0']).filter_map(|line| {
            let mut fields = line.split('\t');
            let [what, name, file, line, module] = std::array::from_fn(|_| fields.next());
            Some(Origin { what: what?, name: name?, file: file?, line: line?, module: module? })
        });
        Ok(Self { all: lines.collect() })
    }

    /// Every place that declares the entry or family of this name: `a.rs:1 and b.rs:2`.
    pub(crate) fn of(&self, what: &str, name: &str) -> String {
        let places: Vec<String> =
            self.all.iter().filter(|origin| origin.what == what && origin.name == name).map(Origin::place).collect();
        if places.is_empty() { "an unknown place".to_owned() } else { places.join(" and ") }
    }
}

impl Origin<'_> {
    /// `file:line`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// The crate it is in.
    pub(crate) fn crate_name(&self) -> &str {
        self.module.split("::").next().unwrap_or_default()
    }
}
