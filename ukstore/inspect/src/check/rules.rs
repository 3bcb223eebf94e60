//! The rules for names, help and units, applied to the finished file: as the macros applied them, to every record.

use ukstore::{Kind, Unit, names};

use crate::origins::Origins;
use crate::records::Field;
use crate::tables::{Entry, Link, Tables, What};

/// Kernel and tool disagree about the records.
const REBUILD: &str = "build ukstore_inspect and the kernel together";

pub(super) fn entries(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    for entry in &tables.entries {
        let at = |fault: String| format!("entry {} at {}: {fault}", entry.path, origins.of("entry", entry.path));
        faults.extend(path_and_record(entry).map(at));
        for field in entry.fields() {
            faults.extend(field_faults(field).map(|fault| at(format!("field {}: {fault}", field.name))));
        }
    }
}

/// The first fault of an entry itself.
fn path_and_record(entry: &Entry<'_>) -> Option<String> {
    let record = match &entry.what {
        What::Family(_) | What::Sources | What::Tags => Ok(()),
        What::Text(help) => names::help(help),
        What::Group(group) => names::help(group.help),
        What::Setting(setting) => names::help(setting.help),
        What::Class(class) if class.label.is_empty() => names::help(class.help),
        What::Class(class) => names::help(class.help).and_then(|()| names::label(class.label)),
        What::Unknown(tag) => return Some(format!("unknown sort {tag}: {REBUILD}")),
    };
    let fault = names::path(entry.path).and(record).err().map(str::to_owned);
    fault.or_else(|| matches!(entry.family(), Link::Broken).then(no_family))
}

fn field_faults(field: &Field<'_>) -> impl Iterator<Item = String> {
    let values = field.values.iter().map(|value| names::name(value)).find(Result::is_err);
    let sort = match (Kind::from_byte(field.kind), Unit::from_byte(field.unit)) {
        (Some(_), Some(_)) => None,
        _ => Some(format!("unknown kind or unit: {REBUILD}")),
    };
    let rules = [names::name(field.name), names::help(field.help), values.unwrap_or(Ok(()))];
    let family = matches!(field.family, Link::Broken).then(no_family);
    rules.into_iter().filter_map(|rule| rule.err().map(str::to_owned)).chain(sort).chain(family)
}

fn no_family() -> String {
    "its family is missing from the kernel: the linker script must keep both tables".to_owned()
}

pub(super) fn families(tables: &Tables<'_>, origins: &Origins<'_>, faults: &mut Vec<String>) {
    for family in &tables.families {
        let at = |fault: &str| format!("family {} at {}: {fault}", family.name, origins.of("family", family.name));
        match (Kind::from_byte(family.kind), Unit::from_byte(family.unit)) {
            (Some(kind), Some(unit)) => faults.extend(names::family(family.name, kind, unit).err().map(at)),
            _ => faults.push(at(&format!("unknown kind or unit: {REBUILD}"))),
        }
        faults.extend(names::help(family.help).err().map(at));
    }
}
