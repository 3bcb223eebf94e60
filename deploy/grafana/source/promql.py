"""How a Prometheus is asked, and expressions that the panels have in common."""

import model

NAME = "Prometheus"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
OPTIONS = {
    model.SERIES: {"range": True, "instant": False},
    model.LAST_VALUE: {"range": False, "instant": True},
    model.TABLE: {"range": False, "instant": True, "format": "table"},
    model.HEATMAP: {"range": True, "instant": False, "format": "heatmap"},
}


def target(legend, expression, answer):
    return {"editorMode": "code", "expr": expression, "legendFormat": legend, **OPTIONS[answer]}


def label_variable(name, label, metric, all_of_them=False):
    """A choice among the values that the label `name` has on `metric`."""
    query = {"query": f"label_values({metric}, {name})", "refId": "PrometheusVariableQueryEditor-VariableQuery"}
    return model.choice(DATASOURCE, name, label, query, all_of_them)


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
