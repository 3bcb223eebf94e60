"""The rows of the guest's dashboard that tell what it is doing and what it is waiting for."""

from model import bars, graph, stat, states, steps, words
from promql import by_thread, dropped, lost, quantiles, rate

FULL = steps("green", (0.7, "orange"), (0.9, "red"))

OVERVIEW = [
    stat(
        "Answers",
        "Whether Prometheus' last scrape was answered. If not, the guest is gone or its management network is cut off: "
        "the alerts GuestGone and GuestCutOff tell which.",
        "up{@}",
        "none",
        steps("red", (1, "green")),
        width=2,
        graph=False,
    ).defaults(mappings=words(_0=("No", "red"), _1=("Yes", "green"))),
    stat(
        "Up for",
        "Time since this life's first instruction. Orange is a life that began less than five minutes ago: if nobody "
        "restarted the guest, look at how its last life ended.",
        "uk_uptime_seconds{@}",
        "s",
        steps("orange", (300, "green")),
        graph=False,
    ),
    stat(
        "Runs",
        "The program and its version, and the kernel's version and revision. It changes with an upgrade and at no other time.",
        "uk_build_info{@}",
        "none",
        steps("blue"),
        width=4,
        legend="{{app}} {{app_version}} on {{version}} ({{revision}})",
        text="name",
        graph=False,
    ),
    stat(
        "CPU busy",
        "Share of its CPU that the guest uses. Normal is what its load asks for; near 100 % for long, it needs more.",
        "sum(" + rate('node_cpu_seconds_total{@, mode!~"idle|iowait|steal"}') + ")",
        "percentunit",
        FULL,
    ).defaults(min=0, max=1),
    stat(
        "Waiting for the CPU",
        "Share of time in which a thread could have run and another did (pressure stall information). Normal is below 20 %.",
        rate("node_pressure_cpu_waiting_seconds_total{@}"),
        "percentunit",
        steps("green", (0.2, "orange"), (0.5, "red")),
    ).defaults(min=0, max=1),
    stat(
        "Heap used",
        "Share of the heap that is in use. There is no swap: a heap that is full refuses requests.",
        "uk_heap_used_bytes{@} / uk_heap_size_bytes{@}",
        "percentunit",
        FULL,
    ).defaults(min=0, max=1),
    stat(
        "New connections",
        "TCP connections that the program's visitors open in a second.",
        rate('uk_tcp_passive_opens_total{@, device="service"}'),
        "cps",
        steps("blue"),
    ),
    stat(
        "Lost",
        "Packets, connections and requests for memory lost in the time shown. Normal is none; below, under What was lost, is "
        "which.",
        dropped() + " + " + lost("uk_heap_failures_total{@}"),
        "short",
        steps("green", (1, "red")),
        graph=False,
    ),
]

DOING = [
    graph(
        "CPU by mode",
        "user is the program, system the kernel and management, softirq the network stacks, irq interrupt handlers, steal "
        "what the hypervisor gave to others. Normal is little steal and irq; what is missing to 100 % is idle.",
        [("{{mode}}", rate('node_cpu_seconds_total{@, mode!="idle"}'))],
        "percentunit",
        stacked=True,
        max=1,
    ),
    graph(
        "CPU by thread",
        "The eight threads that use the CPU most. Normal is the program's own; management has its share and no more. What "
        "began and ended between two scrapes is only in CPU by mode.",
        [("{{thread}}", "topk(8, " + by_thread(rate("uk_thread_cpu_seconds_total{@}")) + ")")],
        "percentunit",
        stacked=True,
    ),
    graph(
        "Traffic",
        "What each network card receives (above) and sends (below). Normal for management is a scrape now and then.",
        [
            ("{{device}} in", "8 * " + rate("node_network_receive_bytes_total{@}")),
            ("{{device}} out", "-8 * " + rate("node_network_transmit_bytes_total{@}")),
        ],
        "bps",
    ),
    graph(
        "TCP connections",
        "Connections by state, of both stacks. Normal is mostly established and time_wait; many in syn_received are a "
        "flood, many in close_wait a program that does not close.",
        [("{{state}}", "sum by (state) (uk_tcp_connections{@})")],
        "short",
        stacked=True,
    ),
    graph(
        "Switches, interrupts and halts",
        "How often the CPU went to another thread, was interrupted, and halted because nothing could run. Normal is that "
        "they follow the traffic; they rise before anything else does.",
        [
            ("switches", rate("node_context_switches_total{@}")),
            ("interrupts", rate("node_intr_total{@}")),
            ("halts", rate("uk_halts_total{@}")),
        ],
        "ops",
    ),
    graph(
        "What ends its sleep",
        "Why the CPU woke from a halt. Normal is the network card that has work; a timer that leads on an idle guest is a "
        "program that polls.",
        [("{{reason}}", rate("uk_wakeups_total{@}"))],
        "ops",
        stacked=True,
    ),
]

WAITING = [
    graph(
        "Wait for the CPU, each time",
        "How long a thread that could run had to wait for the CPU. Normal is well below a millisecond; a slice of "
        "another thread shows as milliseconds.",
        quantiles("uk_run_queue_wait_seconds"),
        "s",
    ),
    graph(
        "From wake-up to running",
        "How long it takes a thread that slept to run once it is woken, and how late timers are: what a request waits for "
        "before anybody looks at it. Normal is below a millisecond, more on an emulated CPU.",
        quantiles("uk_wakeup_latency_seconds")
        + [("timers, " + legend, expression) for legend, expression in quantiles("uk_timer_lateness_seconds")[2:]],
        "s",
    ),
    graph(
        "Who waits for the CPU",
        "Time that threads could have run and others did, in each second, of the eight that waited most. Normal is little; "
        "one thread near 100 % starves.",
        [("{{thread}}", "topk(8, " + by_thread(rate("uk_thread_run_queue_seconds_total{@}")) + ")")],
        "percentunit",
        stacked=True,
    ),
    graph(
        "Wait for locks",
        "Time that threads waited for each named lock, in each second. Normal is next to none; more means that threads "
        "stand in each other's way there.",
        [("{{lock}}", rate("uk_lock_wait_seconds_total{@}"))],
        "percentunit",
    ),
    bars(
        "Longest hold of a lock",
        "The longest time since the start that each lock was held: how long anybody may have had to wait for it. Normal is "
        "below a millisecond, more on an emulated CPU.",
        [("{{lock}}", "uk_lock_longest_hold_seconds{@}")],
        "s",
        steps("green", (0.005, "orange"), (0.05, "red")),
    ),
    states(
        "Threads: run or wait",
        "Each thread as each scrape found it: blue could run, gray waited. A thread that is blue all the time is busy, or "
        "starved. Management is always blue: it is answering the scrape.",
        "{{thread}}",
        by_thread("uk_thread_runnable{@}", "max"),
        words(_0=("waits", "#8884"), _1=("runs or could", "blue")),
    ),
]
