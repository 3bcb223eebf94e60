"""Expressions that the panels have in common."""

# Packets that were for the guest and were lost in it: what the rule instance_device:uk_packets_dropped:rate5m adds up, and
# so what the alert PacketsDropped is about. With what the guest's dashboard calls each.
DROPPED = [
    ("packets received", "node_network_receive_drop_total{@}"),
    ("packets to send", "node_network_transmit_drop_total{@}"),
    ("connections: queue full", "uk_tcp_accept_overflows_total{@}"),
    ("connections: no socket", "uk_tcp_pool_exhausted_total{@}"),
    ("datagrams", "uk_udp_datagrams_dropped_total{@}"),
]


def rate(series):
    return f"rate({series}[$__rate_interval])"


def lost(series):
    """How many in the time shown: whole, although Prometheus extrapolates."""
    return f"round(sum(increase({series}[$__range])))"


def dropped():
    """Packets lost in the time shown."""
    return " + ".join(lost(series) for _, series in DROPPED)


def quantiles(histogram):
    return [
        (f"{percent} %", f"histogram_quantile({percent / 100}, sum by (le) ({rate(histogram + '_bucket{@}')}))")
        for percent in (50, 90, 99)
    ]


def by_thread(expression, aggregate="sum"):
    """Threads of one name are told apart by a number at its end: they are joined again."""
    return f'{aggregate} by (thread) (label_replace({expression}, "thread", "$1", "thread", "(.+?)(_[0-9]+)?"))'
