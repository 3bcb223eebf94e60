//! `make bench-exporter`: instructions a series, counted in a guest as those of ukstore are, and then time on the host.

use bench_series::Set;
use exporter::exposition::Format;

use crate::guest::Figures;
use crate::{exposition, table};

/// Instructions that a series of the text format should take at most: a labelled counter among 10,000.
const GOAL: u64 = 130;

/// Counts, measures and prints.
pub(crate) fn report() -> Result<(), String> {
    let figures = Figures::of("bench_exporter")?;
    figures.can_count()?;
    table::heading("instructions a series");
    for set in Set::ALL {
        for format in [Format::Text, Format::OpenMetrics, Format::Protobuf] {
            let measured = figures.get(&format!("{}{}", set.prefix(), format.name()))?;
            let goal = (set == Set::Many && format == Format::Text).then_some(GOAL);
            table::row(&format!("{}, {}", format.name(), set.name()), goal, measured.div_ceil(set.series()));
        }
    }
    println!();
    exposition::report()
}
