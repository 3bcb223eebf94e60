//! A fixture's records as they lie in memory. Not for the tables they are gathered in.

use ukstore::layout as at;

use super::{BASE, Family, Field, To};

/// The fixture's loaded segment, as far as it is written.
pub(super) struct Memory {
    pub(super) bytes: Vec<u8>,
    /// Where the table of families will be.
    families_at: u64,
}

/// An address, or a count, as records have it.
fn word(number: usize) -> [u8; 8] {
    (number as u64).to_le_bytes()
}

impl Memory {
    /// The table of families comes first, because records that come later lead to it.
    pub(super) fn new(families: usize) -> Self {
        Self { bytes: vec![0; families * at::FAMILY_SIZE], families_at: BASE }
    }

    /// Puts bytes at the next multiple of eight and gives their address.
    pub(super) fn put(&mut self, bytes: &[u8]) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let address = BASE + self.bytes.len() as u64;
        self.bytes.extend_from_slice(bytes);
        address
    }

    /// Puts a text and gives the address and length that refer to it. An empty one is nowhere, as compilers have it.
    pub(super) fn text(&mut self, text: &str) -> Vec<u8> {
        let address = if text.is_empty() { 1 } else { self.put(text.as_bytes()) };
        [address.to_le_bytes(), word(text.len())].concat()
    }

    /// Puts a list of items and gives the address and count that refer to it.
    fn list(&mut self, items: &[Vec<u8>]) -> Vec<u8> {
        [self.put(&items.concat()).to_le_bytes(), word(items.len())].concat()
    }

    fn texts(&mut self, texts: &[&str]) -> Vec<u8> {
        let texts: Vec<_> = texts.iter().map(|text| self.text(text)).collect();
        self.list(&texts)
    }

    /// Fills the place of the family at an index.
    pub(super) fn family(&mut self, index: usize, family: &Family) {
        let Family { name, help, kind, unit, tag, series, nature } = family;
        let header = self.text(&format!("# HELP {name} {help}\n# TYPE {name} {}\nsource", kind.type_name()));
        let list = self.texts(series);
        // An info's list is of labels, and behind its prefix; fixtures' infos have none.
        let record = if *tag == at::SOURCE_INFO { [vec![0; at::INFO_LABELS], list].concat() } else { list };
        let target = self.put(&record);
        let lens = [&[name.len() as u8, *nature][..], &(help.len() as u16).to_le_bytes()].concat();
        let record = [&header[..], &[*tag, 0], &lens, &[*kind as u8, *unit as u8], &target.to_le_bytes()].concat();
        self.bytes[index * at::FAMILY_SIZE..][..at::FAMILY_SIZE].copy_from_slice(&record);
    }

    fn family_address(&self, index: Option<usize>) -> [u8; 8] {
        index.map_or([0; 8], |index| (self.families_at + (index * at::FAMILY_SIZE) as u64).to_le_bytes())
    }

    fn fields(&mut self, fields: &[Field]) -> Vec<u8> {
        let fields: Vec<_> = fields
            .iter()
            .map(|field| {
                let label = if field.label.is_empty() { 0 } else { self.label(field.label, field.values) };
                let family = match field.family {
                    Some(_) => self.family_address(field.family),
                    None => self.untold(field).to_le_bytes(),
                };
                [&self.text(field.name)[..], &label.to_le_bytes(), &family].concat()
            })
            .collect();
        self.list(&fields)
    }

    fn label(&mut self, name: &str, values: &[&str]) -> u64 {
        let record = [self.text(name), self.texts(values)].concat();
        self.put(&record)
    }

    /// The family of a field that no exposition has: beside the table.
    fn untold(&mut self, field: &Field) -> u64 {
        let header = self.text(&format!("# HELP {} {}\n# TYPE {0} x\nsource", field.name, field.help));
        let lens = [&[field.name.len() as u8, at::NATURE_REAL][..], &(field.help.len() as u16).to_le_bytes()].concat();
        let sort = [field.kind as u8, field.unit as u8];
        self.put(&[&header[..], &[at::SOURCE_UNTOLD, 0], &lens, &sort, &[0; 8]].concat())
    }

    /// Puts the record an entry leads to and gives the entry's tag and target.
    pub(super) fn target(&mut self, to: &To) -> (u32, u64) {
        match *to {
            To::Family(index) => (at::TAG_FAMILY, u64::from_le_bytes(self.family_address(Some(index)))),
            To::Nowhere => (at::TAG_FAMILY, BASE + 1),
            To::Tag(tag) => (tag, BASE),
            To::Sources => (at::TAG_SOURCES, 0),
            To::Text(help) => {
                let record = self.text(help);
                (at::TAG_TEXT, self.put(&record))
            }
            To::Class(help, label, ref fields) => {
                let texts = [help, "", label].map(|text| self.text(text)).concat();
                let record = [texts, self.fields(fields)].concat();
                (at::TAG_CLASS, self.put(&record))
            }
            To::Group(help, ref fields) => {
                let texts = [help, ""].map(|text| self.text(text)).concat();
                let record = [texts, self.fields(fields)].concat();
                (at::TAG_GROUP, self.put(&record))
            }
            To::Setting(help, unit, fault, family) => {
                let sort = [unit as u8, u8::from(fault), 0, 0, 0, 0, 0, 0];
                let record = [&self.text(help)[..], &sort, &self.family_address(family)].concat();
                (at::TAG_SETTING, self.put(&record))
            }
        }
    }
}
