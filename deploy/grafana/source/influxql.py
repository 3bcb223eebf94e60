"""How an InfluxDB 1.x is asked, and queries that the panels have in common.

A guest's metric is a field of that name, in the measurement that is its source. A counter's rate is that of each series,
so where series are added up the rates are, in an inner query.
"""

import model
from catalogue import source

NAME = "InfluxDB"
DATASOURCE = {"type": "influxdb", "uid": "${datasource}"}
FORMATS = {model.SERIES: "time_series", model.LAST_VALUE: "time_series", model.TABLE: "table"}
# Every push gives a point to each of these, and no point is made up where there was no push.
EVERY = "GROUP BY time($__interval)"
ONLY_WHAT_IS = "fill(none)"


def target(legend, query, answer):
    return {"rawQuery": True, "query": query, "alias": legend, "resultFormat": FORMATS[answer]}


def tag_variable(name, label, tag, metric, where="", all_of_them=False):
    """A choice among the values that the tag has where the metric is."""
    condition = f" WHERE {where}" if where else ""
    query = f'SHOW TAG VALUES FROM "{source(metric)}" WITH KEY = "{tag}"{condition}'
    return model.choice(DATASOURCE, name, label, query, all_of_them)


def tagged(tags):
    """What follows GROUP BY time(...) to tell series apart by tags."""
    return "".join(f', "{tag}"' for tag in tags)


def select(what, metric, *tags, where="", times=EVERY):
    """`what` of the fields of a metric's source, for each value of the tags."""
    more = f" AND {where}" if where else ""
    return f'SELECT {what} FROM "{source(metric)}" WHERE @{more} {times}{tagged(tags)} {ONLY_WHAT_IS}'


def last(metric):
    return f'last("{metric}")'


def per_second(metric):
    return f'non_negative_derivative(last("{metric}"), 1s)'


def value(metric, *tags, where=""):
    """A gauge, for each value of the tags: all that its series have."""
    return select(last(metric), metric, *tags, where=where)


def ratio(metric, of, *tags):
    """One field as a share of another of the same source."""
    return select(f"{last(metric)} / {last(of)}", metric, *tags)


def rate(metric, *tags, where="", times=""):
    """A counter's rate, for each value of the tags: all that its series have."""
    return select(times + per_second(metric), metric, *tags, where=where)


def summed(what, metric, *tags, where=""):
    """`what` of each series, added up for each value of the tags."""
    more = f" AND {where}" if where else ""
    each = f'SELECT {what} AS "each" FROM "{source(metric)}" WHERE @{more} {EVERY}, * {ONLY_WHAT_IS}'
    return f'SELECT sum("each") FROM ({each}) WHERE $timeFilter {EVERY}{tagged(tags)} {ONLY_WHAT_IS}'


def total_rate(metric, *tags, where=""):
    return summed(per_second(metric), metric, *tags, where=where)


def average(histogram, *tags):
    """The mean of what a histogram counted since the push before: quantiles are beyond InfluxQL."""
    return select(f"{per_second(histogram + '_sum')} / {per_second(histogram + '_count')}", histogram, *tags)


def lost(*metrics, tags=()):
    """How much counters went up in the time shown, all of their series together, or for each value of the tags."""
    each = ", ".join(
        f'(SELECT non_negative_difference("{metric}") AS "each" FROM "{source(metric)}" WHERE @ GROUP BY *)'
        for metric in metrics
    )
    grouped = "GROUP BY " + ", ".join(f'"{tag}"' for tag in tags) if tags else ""
    return f'SELECT sum("each") FROM {each} WHERE $timeFilter {grouped}'.rstrip()
