"""The dashboard of many guests: who is up, what they run, who works hardest, who waits and who loses."""

import promql
from model import bars, dashboard, graph, stat, states, steps, table, words
from promql import DROPPED, dropped, label_variable

GUEST = (
    "/d/periscope-guest?${datasource:queryparam}&var-job=${__field.labels.job}&var-instance=${__field.labels.instance}"
    "&${__url_time_range}"
)
GUEST_OF_ROW = (
    "/d/periscope-guest?${datasource:queryparam}&var-job=${__data.fields.job}&var-instance=${__value.raw}"
    "&${__url_time_range}"
)

# What periscope-recording.yml computes: over five minutes, whatever the time shown.
BUSY = "max by (job, instance) (instance:node_cpu_busy:ratio_rate5m{@})"
HEAP = "max by (job, instance) (instance:uk_heap_used:ratio{@})"
WAIT = "max by (job, instance) (instance:uk_run_queue_wait_seconds:p99_rate5m{@})"
RECEIVED = '8 * sum by (job, instance) (instance_device:node_network_receive_bytes:rate5m{@, device="service"})'
SENT = '8 * sum by (job, instance) (instance_device:node_network_transmit_bytes:rate5m{@, device="service"})'
# What periscope-alerts.yml computes for PacketsDropped.
DROPS = "sum by (job, instance) (instance_device:uk_packets_dropped:rate5m{@})"
DROPPED_IN_ALL = "sum by (job, instance) (" + " + ".join(f"increase({series}[$__range])" for _, series in DROPPED) + ")"
RESTARTED = "resets(uk_uptime_seconds{@}[$__range])"
FULL = steps("green", (0.7, "orange"), (0.9, "red"))
SHARE = [{"title": "${__field.labels.instance}", "url": GUEST}]


def most(expression, count=10):
    return [("{{instance}}", f"topk({count}, {expression})")]


OVERVIEW = [
    stat("Up", "Guests that answered the last scrape.", "sum(up{@})", "short", steps("red", (1, "green")), graph=False),
    stat(
        "Not up",
        "Guests that discovery knows and that did not answer the last scrape. Normal is none.",
        "count(up{@} == 0) or vector(0)",
        "short",
        steps("green", (1, "red")),
        graph=False,
    ),
    stat(
        "Restarts",
        "Lives that began in the time shown, after another of the same guest. Normal is as many as you upgraded.",
        f"sum({RESTARTED})",
        "short",
        steps("green", (1, "orange")),
        graph=False,
    ),
    stat(
        "Builds",
        "How many different builds run. Normal is one for each program, and one more while an upgrade is under way.",
        "count(count by (app, app_version, version, revision) (uk_build_info{@}))",
        "short",
        steps("blue"),
        graph=False,
    ),
    stat("Busiest CPU", "The guest that uses most of its CPU.", f"max({BUSY})", "percentunit", FULL),
    stat("Fullest heap", "The guest whose heap is used most.", f"max({HEAP})", "percentunit", FULL),
    stat(
        "Longest wait",
        "What 99 % of a guest's waits for the CPU stay below, in the slowest one. Normal is below 10 ms.",
        f"max({WAIT})",
        "s",
        steps("green", (0.01, "orange"), (0.1, "red")),
    ),
    stat(
        "Packets dropped",
        "Packets that were for guests and were lost in them, in the time shown: what the alert PacketsDropped counts. Normal is "
        "none.",
        dropped(),
        "short",
        steps("green", (1, "red")),
        graph=False,
    ),
]

# What each column of the table is called, from the names that Grafana gives to what queries A, B, ... return.
COLUMNS = {
    "instance": "Guest",
    "app": "Program",
    "app_version": "Its version",
    "version": "Kernel",
    "revision": "Revision",
    "Value #B": "Up for",
    "Value #C": "CPU",
    "Value #D": "Heap",
    "Value #E": "In",
    "Value #F": "Out",
    "Value #G": "99 % wait",
    "Value #H": "Dropped",
    "Value #I": "Restarts",
}
UNSEEN = ["Time", "__name__", "Value #A", "host", "vm"]

GUESTS = [
    table(
        "Guests",
        "One line for each guest that answers; a name leads to its dashboard. Dropped and Restarts are of the time shown, and "
        "normal is zero. What does not answer is under Not up, and gray or missing below.",
        [
            ("", "uk_build_info{@}"),
            ("", "max by (job, instance) (uk_uptime_seconds{@})"),
            ("", BUSY),
            ("", HEAP),
            ("", RECEIVED),
            ("", SENT),
            ("", WAIT),
            ("", f"round({DROPPED_IN_ALL})"),
            ("", f"max by (job, instance) ({RESTARTED})"),
        ],
    )
    .transform(
        ("merge", {}),
        (
            "organize",
            {
                "excludeByName": {name: True for name in UNSEEN},
                "indexByName": {name: index for index, name in enumerate(["job", *COLUMNS])},
                "renameByName": COLUMNS,
            },
        ),
    )
    .override("byName", "job", custom__hidden=True)
    .override("byName", "Guest", links=[{"title": "Its dashboard", "url": GUEST_OF_ROW}])
    .override("byName", "Up for", unit="s")
    .override(
        "byRegexp", "/^(CPU|Heap)$/", unit="percentunit", thresholds=FULL, custom__cellOptions={"type": "color-text"}
    )
    .override("byRegexp", "/^(In|Out)$/", unit="bps")
    .override("byName", "99 % wait", unit="s")
    .override(
        "byRegexp",
        "/^(Dropped|Restarts)$/",
        thresholds=steps("green", (1, "red")),
        custom__cellOptions={"type": "color-text"},
    ),
]

MOST = [
    graph("CPU busy", "The ten guests that use most of their CPU.", most(BUSY), "percentunit", max=1),
    graph(
        "Heap used",
        "The ten guests whose heaps are used most. One that only rises is a leak.",
        most(HEAP),
        "percentunit",
        max=1,
    ),
    graph(
        "Wait for the CPU",
        "What 99 % of the waits for the CPU stay below, of the ten slowest guests. Normal is below 10 ms.",
        most(WAIT),
        "s",
    ),
    graph("Service, received", "The ten guests that receive most on their service's card.", most(RECEIVED), "bps"),
    graph("Service, sent", "The ten guests that send most on their service's card.", most(SENT), "bps"),
    graph(
        "Packets dropped",
        "Packets that were for guests and were lost in them, of the ten that drop most: what the alert PacketsDropped counts. "
        "Normal is none.",
        most(DROPS),
        "pps",
    ),
    graph(
        "Lock held longest",
        "The longest that a named lock was ever held, of the ten guests where that is longest. Normal is below a millisecond.",
        [("{{instance}} {{lock}}", "topk(10, uk_lock_longest_hold_seconds{@})")],
        "s",
    ),
    graph(
        "Scrapes",
        "How long Prometheus' scrapes took, of the ten slowest. Normal is milliseconds; above it, the guest, its host or the "
        "management network is busy.",
        most("scrape_duration_seconds{@}"),
        "s",
    ),
    graph(
        "Boot",
        "How long the last boot took, of the ten slowest. Normal is one level for guests of one kind of host.",
        most("max by (job, instance) (uk_boot_phase_seconds{@})"),
        "s",
    ),
]
for panel in MOST:
    panel.defaults(links=SHARE)

PRESENCE = [
    states(
        "Up",
        "Each guest as each scrape found it. Normal is green throughout; a gap is a guest that discovery did not know.",
        "{{instance}}",
        "up{@}",
        words(_0=("not up", "red"), _1=("up", "green")),
        width=16,
    ),
    bars(
        "Builds",
        "How many guests run each build of each program.",
        [
            (
                "{{app}} {{app_version}} on {{version}} ({{revision}})",
                "count by (app, app_version, version, revision) (uk_build_info{@})",
            )
        ],
        "short",
        steps("blue"),
    ),
]

DASHBOARD = dashboard(
    promql,
    "periscope-fleet",
    "Periscope fleet",
    "All Periscope guests: who is up, what they run, who works hardest, who waits and who loses. It needs the rules in "
    "deploy/prometheus/rules.",
    'job=~"$job"',
    [label_variable("job", "Job", "uk_build_info", all_of_them=True)],
    [],
    [(None, 4, OVERVIEW), (None, 10, GUESTS), ("Who is up, and what they run", 8, PRESENCE), ("The most", 8, MOST)],
)
