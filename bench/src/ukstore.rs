//! `make bench-ukstore`: counts what ukstore costs, in instructions and bytes, and prints it beside its goals. Exact, and
//! the same on every machine and in every run; what is counted and how is in `README.md`.

use crate::guest::Figures;
use crate::table::{heading, row};

/// Figures of the guest `bench_ukstore`: what it is, what the guest calls it, and the most it should be.
const FIGURES: &[(&str, &str, Option<u64>)] = &[
    ("counter: increment", "increment", Some(1)),
    ("histogram of 20 bounds: observe, first bucket", "observe_first", Some(40)),
    ("histogram of 20 bounds: observe, middle bucket", "observe_middle", Some(40)),
    ("histogram of 20 bounds: observe, last bucket", "observe_last", Some(40)),
    ("histogram of 20 bounds: observe, above the bounds", "observe_above", Some(40)),
    ("histogram of 20 bounds: observe an f64", "observe_f64", None),
    ("exponential histogram: observe, first bucket", "observe_exponential_first", Some(40)),
    ("exponential histogram: observe, middle bucket", "observe_exponential_middle", Some(40)),
    ("exponential histogram: observe, last bucket", "observe_exponential_last", Some(40)),
    ("exponential histogram: observe, above its range", "observe_exponential_above", Some(40)),
    ("lookup of 1,000 entries, on average", "lookup_average", Some(400)),
    ("lookup of 1,000 entries, the worst", "lookup_worst", Some(400)),
    ("lookup of 1,000 missing paths, on average", "lookup_missing_average", Some(400)),
    ("lookup of 1,000 missing paths, the worst", "lookup_missing_worst", Some(400)),
    ("lookup of an object among 10,000, on average", "lookup_object_average", None),
    ("lookup of an object among 10,000, the worst", "lookup_object_worst", None),
    ("walk over 1,000 single counters, an entry", "walk_single", Some(30)),
    ("walk over 1,000 labelled counters, an entry", "walk_labelled", Some(30)),
    ("the same while another source is off", "walk_beside_off", None),
    ("walk over 1,000 of a source that is off, a family", "walk_off", None),
    ("heap: bytes an object besides its values", "object_bytes", Some(96)),
];

/// Counts and prints.
pub(crate) fn report() -> Result<(), String> {
    let figures = Figures::of("bench_ukstore")?;
    figures.can_count()?;
    heading(&format!("among {} entries", figures.get("entries")?));
    for &(what, name, goal) in FIGURES {
        row(what, goal, figures.get(name)?);
    }
    boots()
}

/// Compares the boots of the two builds of `bench_boot`.
fn boots() -> Result<(), String> {
    let (few, many) = (Figures::of("bench_boot")?, Figures::of("bench_boot_many")?);
    println!();
    for boot in [&few, &many] {
        row(&format!("boot with {} entries", boot.get("entries")?), None, boot.get("boot_instructions")?);
    }
    let more = |name| Ok::<_, String>(many.get(name)?.saturating_sub(few.get(name)?));
    let record_bytes = more("table_bytes")?.div_ceil(more("entries")?.max(1));
    row("tables: bytes an entry besides its text", Some(64), record_bytes);
    let pages = more("constant_bytes")? / 4096;
    row("more pages of tables and texts", None, pages);
    row("more instructions, a page", Some(8), more("boot_instructions")?.div_ceil(pages.max(1)));
    Ok(())
}
