"""Expressions that the panels have in common."""


def rate(series):
    return f"rate({series}[$__rate_interval])"


def lost(series):
    """How many in the time shown: whole, although Prometheus extrapolates."""
    return f"round(sum(increase({series}[$__range])))"


def quantiles(histogram):
    return [
        (f"{percent} %", f"histogram_quantile({percent / 100}, sum by (le) ({rate(histogram + '_bucket{@}')}))")
        for percent in (50, 90, 99)
    ]


def by_thread(expression, aggregate="sum"):
    """Threads of one name are told apart by a number at its end: they are joined again."""
    return f'{aggregate} by (thread) (label_replace({expression}, "thread", "$1", "thread", "(.+?)(_[0-9]+)?"))'
