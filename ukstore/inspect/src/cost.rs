//! What being told of costs: read-only memory without the texts. Not the cells, which are the program's own numbers.

use ukstore::layout as at;

use crate::records::Field;
use crate::tables::{Entry, Family, Link, Samples, Tables, What};

/// One text in a list.
const TEXT: usize = 16;

impl Tables<'_> {
    /// Size of both tables.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.len() * at::ENTRY_SIZE + self.families.len() * at::FAMILY_SIZE
    }

    /// Size of both tables and of the records they lead to, for each thing that can be read: a number, a text, a
    /// setting, each value of a label and each field. A class's fields count once, however many objects there are.
    pub(crate) fn bytes_each(&self) -> usize {
        let records: usize = self.entries.iter().map(entry_record).sum();
        let sources: usize = self.families.iter().map(source_record).sum();
        let readable: usize = self.entries.iter().map(|entry| self.readable(entry)).sum();
        (self.bytes() + records + sources).div_ceil(readable.max(1))
    }

    fn readable(&self, entry: &Entry<'_>) -> usize {
        match entry.fields() {
            [] => match entry.family().index().map(|index| &self.families[index].samples) {
                Some(Samples::Labelled(prefixes)) => prefixes.len(),
                _ => 1,
            },
            fields => fields.iter().map(|field| field.values.len().max(1)).sum(),
        }
    }
}

fn entry_record(entry: &Entry<'_>) -> usize {
    let [text, class, group, setting] = at::RECORD_SIZES;
    let fields = entry.fields().iter().map(field_record).sum::<usize>();
    match entry.what {
        What::Text(_) => text,
        What::Class(_) => class + fields,
        What::Group(_) => group + fields,
        What::Setting(_) => setting,
        What::Family(_) | What::Sources | What::Tags | What::Unknown(_) => 0,
    }
}

fn field_record(field: &Field<'_>) -> usize {
    let label = if field.values.is_empty() { 0 } else { at::LABEL_SIZE + field.values.len() * TEXT };
    let untold = if matches!(field.family, Link::None) { at::FAMILY_SIZE } else { 0 };
    at::FIELD_SIZE + at::FIELD_READ_SIZE + label + untold
}

fn source_record(family: &Family<'_>) -> usize {
    let [cells, histogram, states, info] = at::SOURCE_SIZES;
    match &family.samples {
        // A prefix and the label's value itself.
        Samples::Labelled(prefixes) => cells + prefixes.len() * 2 * TEXT,
        Samples::States(prefixes) => states + prefixes.len() * 2 * TEXT,
        Samples::Histogram(prefixes) => histogram + prefixes.len() * TEXT,
        Samples::Info(facts) => info + facts.labels * at::INFO_LABEL_SIZE,
        Samples::List | Samples::Untold | Samples::Other => 0,
    }
}
