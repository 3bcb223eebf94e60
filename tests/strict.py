"""Reads an exposition in Prometheus' text format 0.0.4 and judges it with the strictest parser there is.

prometheus_client's parser for that format forgives almost everything; its OpenMetrics parser refuses families that are
not contiguous, duplicate series, bad histograms and much else. So the text is turned into OpenMetrics, where the two
formats differ in form only: a counter's family name lacks `_total`, untyped is `unknown`, and `# EOF` ends it.
Prints the first error, or nothing.
"""

import re
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def openmetrics(text):
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))

    def family(match):
        keyword, name, rest = match.groups()
        if types.get(name) == "counter" and name.endswith("_total"):
            name = name.removesuffix("_total")
        elif types.get(name) == "counter":
            # node_exporter has such names from Linux; OpenMetrics has no counter without `_total`.
            rest = "unknown" if keyword == "TYPE" else rest
        if keyword == "TYPE" and rest == "untyped":
            rest = "unknown"
        return f"# {keyword} {name} {rest}"

    return re.sub(r"^# (HELP|TYPE) (\S+) (.*)$", family, text, flags=re.M) + "# EOF\n"


def main():
    text = sys.stdin.read()
    if not text.endswith("\n"):
        print("the exposition does not end with a newline")
        return
    try:
        families = list(text_string_to_metric_families(openmetrics(text)))
    except ValueError as error:
        print(f"the strict parser refuses: {error}")
        return
    if not any(family.samples for family in families):
        print("there is not one sample")
    for family in families:
        if not family.documentation:
            print(f"{family.name} has no help")


main()
