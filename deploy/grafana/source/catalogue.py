"""Which source each metric is from, as docs/metrics.md has it: in an InfluxDB, the source is the measurement."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


def sources():
    """The source of each metric by the metric's name."""
    found, source = {}, None
    for line in PAGE.read_text().splitlines():
        if heading := re.match(r"### Metrics of `(.+)`$", line):
            source = heading[1]
        elif line.startswith("### "):
            source = None
        elif (row := re.match(r"\| `([a-zA-Z_]\w*)` \| ", line)) and source:
            found[row[1]] = source
    return found


SOURCES = sources()


def source(metric):
    """The source of a metric, or of the histogram that a field of this name belongs to."""
    family = re.sub(r"_(bucket|sum|count)$", "", metric)
    return SOURCES.get(metric) or SOURCES[family]
