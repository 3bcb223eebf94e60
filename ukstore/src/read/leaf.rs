//! One place of the tree that tells something: a value, words, a histogram. Not for finding it.

use core::fmt;

use super::error::Error;
use super::sample::Series;
use super::series;
use crate::gate;
use crate::names;
use crate::object::{ClassRecord, Key};
use crate::record::{Column, Field, GroupRecord, Source, TextRecord};
use crate::setting::{Scalar, SettingRecord};
use crate::source::{Buckets, Snapshot};
use crate::{Family, Kind, LastWrite, Refused, Tag, Unit, Value, Writer, own};

/// A place that tells something.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    pub(super) at: At,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    /// A family of one series.
    Family(&'static Family),
    /// The series at this index of a family of several.
    Series(&'static Family, u32),
    Group(&'static GroupRecord, Column),
    Object(&'static ClassRecord, Key, Column),
    Text(&'static TextRecord),
    Setting(&'static SettingRecord),
    /// The switch of a source.
    Source(gate::Source),
    /// The switch of all sources with a tag.
    Tag(Tag),
}

/// What a leaf tells, copied out of the machine.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// A value, never [`Value::Absent`].
    Value(Value),
    /// A histogram at one instant.
    Histogram(&'a Snapshot),
    /// An info's labels.
    Labels(&'a [(&'static str, &'static str)]),
    /// Words, written when shown.
    Text(&'a dyn fmt::Display),
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => fmt::Debug::fmt(value, out),
            Self::Histogram(snapshot) => fmt::Debug::fmt(snapshot, out),
            Self::Labels(labels) => fmt::Debug::fmt(labels, out),
            Self::Text(text) => fmt::Display::fmt(text, out),
        }
    }
}

impl Leaf {
    /// What sort of thing it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.at {
            At::Family(family) | At::Series(family, _) => family.kind(),
            At::Group(..) | At::Object(..) => self.field().map_or(Kind::Gauge, Field::kind),
            At::Text(_) => Kind::Text,
            At::Setting(_) | At::Source(_) | At::Tag(_) => Kind::Setting,
        }
    }

    /// The unit it counts in.
    #[must_use]
    pub fn unit(&self) -> Unit {
        match self.at {
            At::Family(family) | At::Series(family, _) => family.unit(),
            At::Group(..) | At::Object(..) => self.field().map_or(Unit::None, Field::unit),
            At::Setting(setting) => setting.unit(),
            At::Text(_) | At::Source(_) | At::Tag(_) => Unit::None,
        }
    }

    /// One sentence or more on what it tells.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self.at {
            At::Family(family) | At::Series(family, _) => family.help(),
            At::Group(..) | At::Object(..) => self.field().map_or("", Field::help),
            At::Text(text) => text.help(),
            At::Setting(setting) => setting.help(),
            At::Source(_) => "Whether this source is told at all.",
            At::Tag(_) => "Whether all sources with this label are told. Each knows who switched it last.",
        }
    }

    /// The metric family it is of, if it is in an exposition.
    #[must_use]
    pub fn family(&self) -> Option<&'static Family> {
        match self.at {
            At::Family(family) | At::Series(family, _) => Some(family),
            At::Group(..) | At::Object(..) => self.field().and_then(Field::family),
            At::Setting(setting) => setting.family(),
            At::Text(_) | At::Source(_) | At::Tag(_) => None,
        }
    }

    /// The setting it is, if it is a declared one. The switches of sources and tags are none, but may be written all the
    /// same.
    #[must_use]
    pub fn setting(&self) -> Option<&'static SettingRecord> {
        match self.at {
            At::Setting(setting) => Some(setting),
            _ => None,
        }
    }

    /// Who wrote it last, and when, if it can be written and somebody did.
    #[must_use]
    pub fn last_write(&self) -> Option<LastWrite> {
        match self.at {
            At::Setting(setting) => setting.last_write(),
            At::Source(source) => source.last_write(),
            _ => None,
        }
    }

    /// Gives the labels of its series to `take`, in the order of the exposition: none for a series without labels.
    pub fn labels(&self, mut take: impl FnMut(&'static str, &str)) {
        match self.at {
            At::Series(family, index) => {
                if let Some((prefix, _)) = series::fixed(family, index) {
                    for (label, value) in Series::Fixed(prefix).labels() {
                        take(label, value);
                    }
                }
            }
            At::Group(..) => self.own_label(&mut take),
            At::Object(class, key, _) if !class.label().is_empty() => {
                let mut object = None;
                class.objects().visit_key(key, &mut |name, _| object = Some(*name));
                if let Some(name) = object {
                    take(class.label(), name.as_str());
                }
                self.own_label(&mut take);
            }
            At::Object(..) | At::Family(_) | At::Text(_) | At::Setting(_) | At::Source(_) | At::Tag(_) => {}
        }
    }

    /// Reads it and shows what it tells to `take`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if its object is gone; [`Error::Absent`]; [`Error::Off`].
    pub fn content<R>(&self, take: impl FnOnce(Content<'_>) -> R) -> Result<R, Error> {
        if gate::off() != 0 && self.source_is_off() {
            return Err(Error::Off);
        }
        let value = match self.at {
            At::Text(text) => return Ok(take(Content::Text(text))),
            At::Setting(setting) => match setting.text() {
                Some(text) => return Ok(take(Content::Text(&text))),
                None => setting.value(),
            },
            At::Source(source) => Value::Bool(source.is_on()),
            At::Tag(tag) => Value::Bool(tag.is_on()),
            At::Series(family, index) => series::fixed(family, index).map_or(Value::Absent, |(_, value)| value),
            At::Family(family) => match family.source() {
                Source::Counter(_, cell) => series::of_counter(family, cell.get()),
                Source::Gauge(_, cell) => series::of_gauge(family, cell.get()),
                Source::Computed(_, function) => function(),
                Source::Sampled(_, sampled) => sampled.read().unwrap_or_else(|| {
                    own::LATE.inc();
                    Value::Absent
                }),
                Source::States(_, states) => states.word(),
                Source::List(_, list) => list.sum(),
                Source::Histogram(_, histogram) => {
                    let mut snapshot = Snapshot::EMPTY;
                    histogram.snapshot_into(&mut snapshot);
                    return Ok(take(Content::Histogram(&snapshot)));
                }
                Source::Info(_, info) => {
                    return Ok(series::with_labels(info, |labels| take(Content::Labels(labels))));
                }
                _ => Value::Absent,
            },
            At::Group(group, column) => {
                if let Some(buckets) = group.cells().histogram(column.field) {
                    let mut snapshot = Snapshot::EMPTY;
                    buckets.snapshot_into(&mut snapshot);
                    return Ok(take(Content::Histogram(&snapshot)));
                }
                group.cells().value(column)
            }
            At::Object(class, key, column) => {
                let mut snapshot = Snapshot::EMPTY;
                let (mut value, mut is_histogram) = (Value::Absent, false);
                let lives = class.objects().visit_key(key, &mut |_, cells| match cells.histogram(column.field) {
                    Some(buckets) => {
                        is_histogram = true;
                        buckets.snapshot_into(&mut snapshot);
                    }
                    None => value = cells.value(column),
                });
                match (lives, is_histogram) {
                    (false, _) => return Err(Error::NotFound),
                    (true, true) => return Ok(take(Content::Histogram(&snapshot))),
                    (true, false) => value,
                }
            }
        };
        match value {
            Value::Absent => Err(Error::Absent),
            value => Ok(take(Content::Value(value))),
        }
    }

    /// Reads its value.
    ///
    /// # Errors
    /// [`Error::NotFound`] if its object is gone; [`Error::NotOneValue`] for words and histograms; [`Error::Absent`];
    /// [`Error::Off`].
    pub fn read(&self) -> Result<Value, Error> {
        self.content(|content| match content {
            Content::Value(value) => Ok(value),
            Content::Labels(_) => Ok(Value::U64(1)),
            Content::Histogram(_) | Content::Text(_) => Err(Error::NotOneValue),
        })?
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`Refused::NotASetting`], or why the setting does not take the text.
    pub fn write(&self, text: &str, by: Writer) -> Result<(), Refused> {
        match self.at {
            At::Setting(setting) => setting.write(text, by),
            At::Source(source) => {
                source.switch(bool::parse(text.trim_ascii(), Unit::None)?, by);
                Ok(())
            }
            At::Tag(tag) => {
                tag.switch(bool::parse(text.trim_ascii(), Unit::None)?, by);
                Ok(())
            }
            _ => Err(Refused::NotASetting),
        }
    }

    /// Whether it can be written at all.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        matches!(self.at, At::Setting(_) | At::Source(_) | At::Tag(_))
    }

    fn field(&self) -> Option<&'static Field> {
        match self.at {
            At::Group(group, column) => group.fields().get(usize::from(column.field)),
            At::Object(class, _, column) => class.fields().get(usize::from(column.field)),
            _ => None,
        }
    }

    fn own_label(&self, take: &mut impl FnMut(&'static str, &str)) {
        if let (Some(field), At::Group(_, column) | At::Object(_, _, column)) = (self.field(), self.at)
            && let Some((label, value)) = field.own_label(column.value)
        {
            take(label, value);
        }
    }

    /// Settings and words stay readable.
    fn source_is_off(&self) -> bool {
        let name = match self.at {
            At::Family(family) | At::Series(family, _) => family.source_name(),
            At::Group(group, _) => names::source(group.path()),
            At::Object(class, ..) => names::source(class.path()),
            At::Text(_) | At::Setting(_) | At::Source(_) | At::Tag(_) => return false,
        };
        !gate::is_on(name)
    }
}
