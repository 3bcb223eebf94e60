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
    pub(crate) file: &'a str,
    line: &'a str,
    module: &'a str,
    /// Of a family: its labels, each perhaps followed by its values.
    labels: &'a str,
}

impl<'a> Origins<'a> {
    pub(crate) fn read(image: &Image<'a>) -> Result<Self, Error> {
        let text = std::str::from_utf8(image.section(ORIGINS_SECTION)?).map_err(|_| Error::NotText(0))?;
        // A linker may pad the pieces of a section with zeros.
        let lines = text.split(['\n', '\0']).filter_map(|line| {
            let mut fields = line.split('\t');
            let [what, name, file, line, module, _path, labels] = std::array::from_fn(|_| fields.next());
            let labels = labels.unwrap_or_default();
            Some(Origin { what: what?, name: name?, file: file?, line: line?, module: module?, labels })
        });
        Ok(Self { all: lines.collect() })
    }

    /// Every place that declares the entry or family of this name: `a.rs:1 and b.rs:2`.
    pub(crate) fn of(&self, what: &str, name: &str) -> String {
        let places: Vec<String> = self.named(what, name).map(Origin::place).collect();
        if places.is_empty() { "an unknown place".to_owned() } else { places.join(" and ") }
    }

    /// The crate that declares an entry, empty if nobody does.
    pub(crate) fn crate_of(&self, path: &str) -> &'a str {
        self.named("entry", path).next().map_or("", Origin::crate_name)
    }

    /// The names of a family's labels, each with its first value if it was written where it was declared.
    pub(crate) fn labels(&self, family: &str) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        let labels = self.named("family", family).next().map_or("", |origin| origin.labels);
        labels.split_whitespace().filter_map(|label| {
            let mut parts = label.split('=');
            Some((parts.next()?, parts.next()))
        })
    }

    fn named(&self, what: &str, name: &str) -> impl Iterator<Item = &Origin<'a>> {
        self.all.iter().filter(move |origin| origin.what == what && origin.name == name)
    }
}

impl<'a> Origin<'a> {
    /// `file:line`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// The crate it is in.
    pub(crate) fn crate_name(&self) -> &'a str {
        self.module.split("::").next().unwrap_or_default()
    }
}
