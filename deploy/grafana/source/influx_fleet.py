"""The dashboard of many guests on an InfluxDB: the essentials of the one on Prometheus, from what the guests push."""

import influxql
from catalogue import source
from influx_guest import BUSY, DROPPED, FULL
from influxql import average, last, lost, rate, ratio, tag_variable, total_rate
from model import bars, dashboard, graph, stat, steps, table

GUEST = (
    "/d/periscope-guest-influxdb?${datasource:queryparam}&var-job=${__field.labels.job}&var-vm=${__field.labels.vm}"
    "&${__url_time_range}"
)
GUEST_OF_ROW = (
    "/d/periscope-guest-influxdb?${datasource:queryparam}&var-job=${__data.fields.job}&var-vm=${__value.raw}"
    "&${__url_time_range}"
)
# Of one guest, as legends tell it: by its job and its name.
EACH = ("job", "vm")
NAME = "$tag_vm"


def guests(when):
    """How many guests have pushed at a time that is also in the time shown."""
    uptime = "uk_uptime_seconds"
    each = f'SELECT {last(uptime)} AS "each" FROM "{source(uptime)}" WHERE @{when} GROUP BY "job", "vm"'
    return f'SELECT count("each") FROM ({each}) WHERE $timeFilter'


def newest(name, metric, *tags):
    """The newest value of each series, by that name, and when it was pushed."""
    more = "".join(f', "{tag}"' for tag in tags)
    return f'SELECT {last(metric)} AS "{name}" FROM "{source(metric)}" WHERE @ GROUP BY "job", "vm"{more}'


OVERVIEW = [
    stat(
        "Heard of",
        "Guests that have pushed within the last minute.",
        guests(" AND time > now() - 1m"),
        "short",
        steps("red", (1, "green")),
        graph=False,
    ),
    stat(
        "In the time shown",
        "Guests that have pushed within the time shown. What is more than are heard of has ended or is silent: the table "
        "below says since when.",
        guests(""),
        "short",
        steps("blue"),
        graph=False,
    ),
    stat(
        "Packets dropped",
        "Packets that were for guests and were lost in them, in the time shown: by the network cards (net), and connections "
        "and datagrams (stacks). Normal is none.",
        lost(*DROPPED.values()),
        "short",
        steps("green", (1, "red")),
        width=6,
        legend="$measurement",
        graph=False,
    ),
]

GUESTS = [
    table(
        "Guests",
        "One line for each guest and each build it ran in the time shown, with the time of its last push; a name leads to its "
        "dashboard.",
        [
            ("", newest("Builds", "uk_build_info", "app", "app_version", "version", "revision")),
            ("", newest("Up for", "uk_uptime_seconds")),
        ],
    )
    .transform(
        ("merge", {}),
        (
            "organize",
            {
                "excludeByName": {"Builds": True},
                "renameByName": {
                    "Time": "Last push",
                    "vm": "Guest",
                    "app": "Program",
                    "app_version": "Its version",
                    "version": "Kernel",
                    "revision": "Revision",
                },
            },
        ),
    )
    .override("byName", "Guest", links=[{"title": "Its dashboard", "url": GUEST_OF_ROW}])
    .override("byName", "Up for", unit="s"),
]

EACH_ONE = [
    graph(
        "CPU busy",
        "Share of its CPU that each guest uses.",
        [(NAME, total_rate("node_cpu_seconds_total", *EACH, where=BUSY))],
        "percentunit",
        max=1,
    ),
    graph(
        "Heap used",
        "How much of its heap each guest uses. One that only rises is a leak.",
        [(NAME, ratio("uk_heap_used_bytes", "uk_heap_size_bytes", *EACH))],
        "percentunit",
        max=1,
    ),
    graph(
        "Wait for the CPU, on average",
        "How long a thread that could run had to wait for the CPU, in each guest. Normal is below 10 ms.",
        [(NAME, average("uk_run_queue_wait_seconds", *EACH))],
        "s",
    ),
    graph(
        "Service, received",
        "What each guest receives on its service's card.",
        [(NAME, rate("node_network_receive_bytes_total", *EACH, where="\"device\" = 'service'", times="8 * "))],
        "bps",
    ),
    graph(
        "Service, sent",
        "What each guest sends on its service's card.",
        [(NAME, rate("node_network_transmit_bytes_total", *EACH, where="\"device\" = 'service'", times="8 * "))],
        "bps",
    ),
    bars(
        "Packets dropped",
        "Packets that were for each guest and were lost in it, in the time shown, by its network card (net) and its stack "
        "(stacks). Normal is none.",
        [(NAME + " $measurement", lost(*DROPPED.values(), tags=EACH))],
        "short",
        steps("green", (1, "red")),
    ),
]
for panel in EACH_ONE:
    panel.defaults(links=[{"title": "${__field.labels.vm}", "url": GUEST}])

DASHBOARD = dashboard(
    influxql,
    "periscope-fleet-influxdb",
    "Periscope fleet (InfluxDB)",
    "All Periscope guests that push to an InfluxDB: who was heard of, what they run, who works hardest, who waits and who loses.",
    '"job" =~ /^$job$/ AND $timeFilter',
    [tag_variable("job", "Job", "job", "uk_build_info", all_of_them=True)],
    [],
    [(None, 4, OVERVIEW), (None, 10, GUESTS), ("Each guest", 8, EACH_ONE)],
)
