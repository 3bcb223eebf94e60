"""The dashboard of one guest on an InfluxDB: the essentials of the one on Prometheus, from what the guest pushes."""

import influxql
from influxql import average, lost, rate, ratio, tag_variable, total_rate, value
from model import bars, dashboard, graph, stat, steps

FULL = steps("green", (0.7, "orange"), (0.9, "red"))
# Packets that were for the guest and were lost in it: those of promql.DROPPED.
DROPPED = {
    "packets received": "node_network_receive_drop_total",
    "packets to send": "node_network_transmit_drop_total",
    "connections: queue full": "uk_tcp_accept_overflows_total",
    "connections: no socket": "uk_tcp_pool_exhausted_total",
    "datagrams": "uk_udp_datagrams_dropped_total",
}
LOST = {**DROPPED, "requests for memory": "uk_heap_failures_total"}
BUSY = '"mode" !~ /^(idle|iowait|steal)$/'

OVERVIEW = [
    stat(
        "Up for",
        "How long this life had lasted at its last push. Orange is a life that began less than five minutes ago: if nobody "
        "restarted the guest, look at how its last life ended.",
        value("uk_uptime_seconds"),
        "s",
        steps("orange", (300, "green")),
        graph=False,
    ),
    stat(
        "Runs",
        "The program and its version, and the kernel's version and revision. It changes with an upgrade and at no other time.",
        value("uk_build_info", "app", "app_version", "version", "revision"),
        "none",
        steps("blue"),
        width=4,
        legend="$tag_app $tag_app_version on $tag_version ($tag_revision)",
        text="name",
        graph=False,
    ),
    stat(
        "CPU busy",
        "Share of its CPU that the guest uses. Normal is what its load asks for; near 100 % for long, it needs more.",
        total_rate("node_cpu_seconds_total", where=BUSY),
        "percentunit",
        FULL,
    ).defaults(min=0, max=1),
    stat(
        "Waiting for the CPU",
        "Share of time in which a thread could have run and another did (pressure stall information). Normal is below 20 %.",
        rate("node_pressure_cpu_waiting_seconds_total"),
        "percentunit",
        steps("green", (0.2, "orange"), (0.5, "red")),
    ).defaults(min=0, max=1),
    stat(
        "Heap used",
        "Share of the heap that is in use. There is no swap: a heap that is full refuses requests.",
        ratio("uk_heap_used_bytes", "uk_heap_size_bytes"),
        "percentunit",
        FULL,
    ).defaults(min=0, max=1),
    stat(
        "New connections",
        "TCP connections that the program's visitors open in a second.",
        rate("uk_tcp_passive_opens_total", where="\"device\" = 'service'"),
        "cps",
        steps("blue"),
    ),
    stat(
        "Lost",
        "Packets (net), connections and datagrams (stacks) and requests for memory lost in the time shown. Normal is none; "
        "below, under What was lost, is which.",
        lost(*LOST.values()),
        "short",
        steps("green", (1, "red")),
        width=5,
        legend="$measurement",
        graph=False,
    ),
]

DOING = [
    graph(
        "CPU by mode",
        "user is the program, system the kernel and management, softirq the network stacks, irq interrupt handlers, steal "
        "what the hypervisor gave to others. Normal is little steal and irq; what is missing to 100 % is idle.",
        [("$tag_mode", rate("node_cpu_seconds_total", "mode", where="\"mode\" != 'idle'"))],
        "percentunit",
        stacked=True,
        max=1,
    ),
    graph(
        "CPU by thread",
        "CPU that each thread uses. Normal is the program's own; management has its share and no more. What began and ended "
        "between two pushes is only in CPU by mode.",
        [("$tag_thread", rate("uk_thread_cpu_seconds_total", "thread"))],
        "percentunit",
        stacked=True,
    ),
    graph(
        "Traffic",
        "What each network card receives (above) and sends (below). Normal for management is a push or a scrape now and then.",
        [
            ("$tag_device in", rate("node_network_receive_bytes_total", "device", times="8 * ")),
            ("$tag_device out", rate("node_network_transmit_bytes_total", "device", times="-8 * ")),
        ],
        "bps",
    ),
    graph(
        "TCP connections",
        "Connections by state and network card. Normal is mostly established and time_wait; many in syn_received are a flood, "
        "many in close_wait a program that does not close.",
        [("$tag_device $tag_state", value("uk_tcp_connections", "device", "state"))],
        "short",
        stacked=True,
    ),
    graph(
        "Switches, interrupts and halts",
        "How often the CPU went to another thread, was interrupted, and halted because nothing could run. Normal is that "
        "they follow the traffic; they rise before anything else does.",
        [
            ("switches", rate("node_context_switches_total")),
            ("interrupts", rate("node_intr_total")),
            ("halts", rate("uk_halts_total")),
        ],
        "ops",
    ),
    graph(
        "What ends its sleep",
        "Why the CPU woke from a halt. Normal is the network card that has work; a timer that leads on an idle guest is a "
        "program that polls.",
        [("$tag_reason", rate("uk_wakeups_total", "reason"))],
        "ops",
        stacked=True,
    ),
]

WAITING = [
    graph(
        "Wait for the CPU, on average",
        "How long a thread that could run had to wait for the CPU, how long it takes one that slept to run once it is woken, "
        "and how late timers are. Normal is well below a millisecond, more on an emulated CPU.",
        [
            ("could run", average("uk_run_queue_wait_seconds")),
            ("woken", average("uk_wakeup_latency_seconds")),
            ("timers", average("uk_timer_lateness_seconds")),
        ],
        "s",
    ),
    graph(
        "Who waits for the CPU",
        "Time that threads could have run and others did, in each second. Normal is little; one thread near 100 % starves.",
        [("$tag_thread", rate("uk_thread_run_queue_seconds_total", "thread"))],
        "percentunit",
        stacked=True,
    ),
    graph(
        "Wait for locks",
        "Time that threads waited for each named lock, in each second. Normal is next to none; more means that threads "
        "stand in each other's way there.",
        [("$tag_lock", rate("uk_lock_wait_seconds_total", "lock"))],
        "percentunit",
    ),
]

HEALTH = [
    bars(
        "What was lost",
        "What was lost in the time shown, by what it was. Normal is zero in every line: packets that the stack did not read "
        "or the device did not take, connections and datagrams for which there was no room, and memory refused.",
        [(legend, lost(metric)) for legend, metric in LOST.items()],
        "short",
        steps("green", (1, "red")),
    ),
    graph(
        "Heap",
        "The heap in use, the most it has ever been, and its size. Normal is a level that follows the load; one that only "
        "rises is a leak.",
        [
            ("used", value("uk_heap_used_bytes")),
            ("peak", value("uk_heap_peak_bytes")),
            ("size", value("uk_heap_size_bytes")),
        ],
        "bytes",
    ),
    bars(
        "Stacks of threads",
        "How much of its stack each thread has used at most. Normal is below 70 %; a thread that runs off its stack ends the "
        "life with a page fault.",
        [("$tag_thread", ratio("uk_thread_stack_high_water_bytes", "uk_thread_stack_bytes", "thread"))],
        "percentunit",
        steps("green", (0.7, "orange"), (0.9, "red")),
        max=1,
    ),
    graph(
        "TCP trouble",
        "Segments sent again, connections reset from either side and given up. Normal is next to none: retransmissions "
        "tell of a network that loses packets, resets of visitors who leave or are not let in.",
        [
            ("retransmissions", total_rate("uk_tcp_retransmissions_total")),
            ("resets sent", total_rate("uk_tcp_resets_sent_total")),
            ("resets received", total_rate("uk_tcp_resets_received_total")),
            ("timeouts", total_rate("uk_tcp_timeouts_total")),
        ],
        "ops",
    ),
    graph(
        "Virtqueues",
        "How full each queue of the network cards is. Normal is a receive queue full of empty buffers and a transmit queue "
        "near zero; a transmit queue that fills is a host that does not keep up.",
        [("$tag_device $tag_queue", ratio("uk_virtqueue_depth", "uk_virtqueue_size", "device", "queue"))],
        "percentunit",
        max=1,
    ),
    graph(
        "Log lines",
        "Lines written to the log, by level. Normal is few, neither errors nor warnings.",
        [("$tag_level", rate("uk_log_lines_total", "level"))],
        "ops",
        stacked=True,
    ),
    graph(
        "Receivers: what waits",
        "How much of its backlog each receiver of what the guest pushes has not taken yet. Normal is near zero; one that grows is "
        "of a receiver that is away.",
        [("$tag_sink", ratio("uk_sink_backlog_bytes", "uk_sink_backlog_limit_bytes", "sink"))],
        "percentunit",
        max=1,
    ),
    graph(
        "Receivers: what arrived",
        "Lines, samples and messages that each receiver has acknowledged; over UDP, those that were sent. Normal is a level.",
        [("$tag_sink", rate("uk_sink_sent_total", "sink"))],
        "ops",
    ),
    bars(
        "Receivers: what went wrong",
        "What each receiver never got in the time shown, and attempts that failed. Normal is none; the tag reason says why.",
        [
            ("$tag_sink lost", lost("uk_sink_dropped_total", tags=("sink",))),
            ("$tag_sink failed", lost("uk_sink_failed_total", tags=("sink",))),
        ],
        "short",
        steps("green", (1, "red")),
    ),
]

PROGRAM = [
    graph(
        "Requests",
        "Requests answered, by status. Normal is 200; 4xx are visitors who ask for what is not there.",
        [("$tag_code", rate("web_requests_total", "code"))],
        "reqps",
        stacked=True,
    ),
    graph(
        "Time to answer, on average",
        "How long requests took, from the last byte read to the last byte handed to TCP. Normal is below a millisecond.",
        [("mean", average("web_request_duration_seconds"))],
        "s",
    ),
    graph(
        "Connections",
        "Connections being served. Normal is a level that follows the load; each is a thread.",
        [("open", value("web_connections_open"))],
        "short",
    ),
]

DASHBOARD = dashboard(
    influxql,
    "periscope-guest-influxdb",
    "Periscope guest (InfluxDB)",
    "One Periscope guest that pushes to an InfluxDB: what it is doing, what it is waiting for, whether it is healthy.",
    '"job" =~ /^$job$/ AND "vm" =~ /^$vm$/ AND $timeFilter',
    [
        tag_variable("job", "Job", "job", "uk_build_info"),
        tag_variable("vm", "Guest", "vm", "uk_build_info", '"job" =~ /^$job$/'),
    ],
    [("The fleet", "/d/periscope-fleet-influxdb?${datasource:queryparam}")],
    [
        (None, 4, OVERVIEW),
        ("What is it doing?", 8, DOING),
        ("What is it waiting for?", 8, WAITING),
        ("Is it healthy?", 8, HEALTH),
        ("The program: web", 8, PROGRAM),
    ],
)
