//! A field's own label that has one value is a label all the same.
#![forbid(unsafe_code)]

use std::ops::ControlFlow::{self, Continue};

use ukstore::{Item, Walk};

ukstore::class! {
    /// Things.
    static THINGS: Class<struct Thing> = "/one/things", label thing, series 1 {
        /// Pieces dropped, for the one reason there is.
        counter dropped = "dropped_total", "one_thing_dropped_total" { reason = ["only"] };
        /// Pieces done.
        counter done = "done_total", "one_thing_done_total";
    }
}

ukstore::group! {
    /// Numbers that belong together.
    static PAIR: struct Pair = "/one/pair" {
        /// Pieces seen, of the one kind there is.
        counter seen = "seen_total", "one_pair_seen_total" { kind = ["only"] };
    }
}

#[test]
fn in_every_series() {
    let things = ["first", "folded"].map(|name| THINGS.add(name, Thing::new()));
    things[0].dropped[0].add(3);
    things[1].done.inc();
    PAIR.seen[0].inc();
    let mut series = Vec::new();
    let _ = Walk::new().each(|item| -> ControlFlow<()> {
        if let Item::Sample(sample) = item
            && sample.family.name().starts_with("one_")
        {
            let labels: Vec<_> = sample.series.labels().map(|(name, value)| format!("{name}={value}")).collect();
            series.push(format!("{} {} {}", sample.family.name(), labels.join(","), sample.value));
        }
        Continue(())
    });
    assert_eq!(
        series,
        [
            "one_pair_seen_total kind=only 1",
            "one_thing_done_total thing=first 0",
            "one_thing_done_total thing=other 1",
            "one_thing_dropped_total thing=first,reason=only 3",
            "one_thing_dropped_total thing=other,reason=only 0",
        ]
    );
}
