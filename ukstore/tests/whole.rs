//! The walk that gives histograms whole, against the one that gives them line by line; and going back in it.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::Mutex;

use ukstore::{Item, MAX_BUCKETS, Part, Snapshot, Walk};

ukstore::histogram! {
    /// Written bounds.
    static WRITTEN = "/whole/written_bytes", "whole_written_bytes", Bytes, [1, 10];
    /// Exponential.
    static WIDE = "/whole/wide_bytes", "whole_wide_bytes", Bytes, exponential 2 from 16 to 1_024;
}

ukstore::counter! {
    /// No histogram.
    static STEPS = "/whole/steps_total", "whole_steps_total";
}

ukstore::buckets! {
    /// An object's.
    struct Sizes = Bytes, exponential 1 from 2 to 64;
}

ukstore::group! {
    /// Numbers that belong together.
    static PAIR: struct Pair = "/whole/pair" {
        /// A group's.
        histogram sizes: Sizes = "size_bytes", "whole_pair_size_bytes", Bytes;
        /// Pieces.
        counter pieces = "pieces_total", "whole_pair_pieces_total";
    }
}

ukstore::class! {
    /// Jobs.
    static JOBS: Class<struct Job> = "/whole/jobs", label job, series 2 {
        /// A job's.
        histogram sizes: Sizes = "size_bytes", "whole_job_size_bytes", Bytes;
    }
}

/// The tests share the objects.
static ALONE: Mutex<()> = Mutex::new(());

type Key = (&'static str, Vec<(String, String)>);

fn key(family: &'static ukstore::Family, labels: impl Iterator<Item = (impl ToString, impl ToString)>) -> Key {
    (family.name(), labels.map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

/// Sum and count of every histogram, from its lines.
fn lines() -> BTreeMap<Key, [String; 2]> {
    let mut found: BTreeMap<Key, [String; 2]> = BTreeMap::new();
    let _ = Walk::new().each(|item| -> std::ops::ControlFlow<()> {
        if let Item::Sample(sample) = item {
            let place = match sample.part {
                Part::Sum => 0,
                Part::Count => 1,
                _ => return Continue(()),
            };
            found.entry(key(sample.family, sample.series.labels())).or_default()[place] = sample.value.to_string();
        }
        Continue(())
    });
    found
}

/// The same from the whole ones.
fn wholes() -> BTreeMap<Key, [String; 2]> {
    let mut found = BTreeMap::new();
    let _ = Walk::whole().each(|item| -> std::ops::ControlFlow<()> {
        match item {
            Item::Sample(sample) => assert_eq!(sample.part, Part::Whole),
            Item::Histogram(whole) => {
                let mut snapshot = Snapshot::EMPTY;
                whole.buckets.snapshot_into(&mut snapshot);
                let mut room = [0; MAX_BUCKETS];
                let native = whole.buckets.native(&mut room);
                assert_eq!(native.is_some(), whole.family.name() != "whole_written_bytes");
                if let Some(native) = native {
                    assert_eq!((native.count(), native.sum), (snapshot.count(), snapshot.sum()));
                }
                let numbers = [snapshot.sum().to_string(), snapshot.count().to_string()];
                let before = found.insert(key(whole.family, whole.labels.iter().copied()), numbers);
                assert_eq!(before, None, "{whole:?} came twice");
            }
            Item::Family(_) => {}
        }
        Continue(())
    });
    found
}

#[test]
fn the_same_histograms_as_line_by_line() {
    let _alone = ALONE.lock().unwrap();
    WRITTEN.observe(7);
    WIDE.observe(100);
    WIDE.observe(5_000);
    PAIR.sizes.observe(40);
    STEPS.inc();
    PAIR.pieces.inc();
    let jobs: Vec<_> = ["first", "second", "third", "fourth"].map(|name| JOBS.add(name, Job::new())).into();
    for (job, size) in jobs.iter().zip([3, 5, 17, 100]) {
        job.sizes.observe(size);
    }
    let whole = wholes();
    assert_eq!(whole, lines());
    assert_eq!(whole.len(), 6, "{whole:?}");
    let other = &whole[&("whole_job_size_bytes", vec![("job".to_owned(), "other".to_owned())])];
    assert_eq!(other, &["117".to_owned(), "2".to_owned()]);
}

/// From wherever it rested it gives what it gave before, the family apart that it was in.
#[test]
fn it_goes_back_to_where_it_was() {
    let _alone = ALONE.lock().unwrap();
    let text = |item: Item<'_>| format!("{item:?}");
    let rest = |walk: &mut Walk, count: usize| {
        let mut given = Vec::new();
        let _ = walk.each(|item| {
            if given.len() == count {
                return Break(());
            }
            given.push(text(item));
            Continue(())
        });
        given
    };
    let all = rest(&mut Walk::whole(), usize::MAX);
    for before in 0..=all.len() {
        let mut walk = Walk::whole();
        rest(&mut walk, before);
        let mark = walk.mark();
        for _ in 0..2 {
            assert_eq!(rest(&mut walk, 9), all[before..].iter().take(9).cloned().collect::<Vec<_>>());
            walk.rewind(mark);
        }
    }
}
