"""The rows of the guest's dashboard that tell whether it is healthy, and what its program does."""

from model import bars, graph, heatmap, steps
from promql import DROPPED, by_thread, lost, quantiles, rate

# For how long the ring keeps a line, as LogLinesLost asks it. While it overwrites nothing, it keeps what this life wrote.
LOG_LINES = "sum(uk_log_lines_total{@}) - sum(uk_log_overwritten_total{@})"
LOG_KEPT = f"({LOG_LINES}) / (sum({rate('uk_log_overwritten_total{@}')}) > 0) or sum(uk_uptime_seconds{{@}})"

HEALTH = [
    bars(
        "What was lost",
        "What was lost in the time shown, by what it was. Normal is zero in every line: packets that the stack did not read "
        "or the device did not take, connections and datagrams for which there was no room, and memory refused.",
        [(legend, lost(series)) for legend, series in [*DROPPED, ("requests for memory", "uk_heap_failures_total{@}")]],
        "short",
        steps("green", (1, "red")),
    ),
    graph(
        "Heap",
        "The heap in use, the most it has ever been, and its size. Normal is a level that follows the load; one that only "
        "rises is a leak.",
        [
            ("used", "uk_heap_used_bytes{@}"),
            ("peak", "uk_heap_peak_bytes{@}"),
            ("size", "uk_heap_size_bytes{@}"),
        ],
        "bytes",
    ),
    bars(
        "Stacks of threads",
        "How much of its stack each thread has used at most, of the eight that came nearest to the end. Normal is below "
        "70 %; a thread that runs off its stack ends the life with a page fault.",
        [
            (
                "{{thread}}",
                "topk(8, " + by_thread("uk_thread_stack_high_water_bytes{@} / uk_thread_stack_bytes{@}", "max") + ")",
            )
        ],
        "percentunit",
        steps("green", (0.7, "orange"), (0.9, "red")),
        max=1,
    ),
    graph(
        "TCP trouble",
        "Segments sent again, connections reset from either side and given up. Normal is next to none: retransmissions "
        "tell of a network that loses packets, resets of visitors who leave or are not let in.",
        [
            ("retransmissions", "sum(" + rate("uk_tcp_retransmissions_total{@}") + ")"),
            ("resets sent", "sum(" + rate("uk_tcp_resets_sent_total{@}") + ")"),
            ("resets received", "sum(" + rate("uk_tcp_resets_received_total{@}") + ")"),
            ("timeouts", "sum(" + rate("uk_tcp_timeouts_total{@}") + ")"),
        ],
        "ops",
    ),
    graph(
        "Frames not for it",
        "Frames that the stacks dropped before any socket saw them, by reason. Normal is what a shared network floods: "
        "misaddressed and protocol. Others are broken, or wrong.",
        [("{{device}} {{reason}}", rate("uk_stack_dropped_total{@}"))],
        "pps",
    ),
    graph(
        "Virtqueues",
        "How full each queue of the network cards is. Normal is a receive queue full of empty buffers and a transmit queue "
        "near zero; a transmit queue that fills is a host that does not keep up.",
        [("{{device}} {{queue}}", "uk_virtqueue_depth{@} / uk_virtqueue_size{@}")],
        "percentunit",
        max=1,
    ),
    graph(
        "Management's share",
        "CPU that management uses, the interrupts of its card included, beside the share it is sure of. Normal is far below "
        "it; above it, management uses what nobody else wants.",
        [("used", rate("uk_management_cpu_seconds_total{@}")), ("share", "uk_management_cpu_share_ratio{@}")],
        "percentunit",
    ),
    graph(
        "Log lines",
        "Lines written to the log, by level, and for how long the ring keeps them, on the right. Normal is few, neither errors "
        "nor warnings, and kept for minutes: below one, who reads /log misses some (LogLinesLost).",
        [("{{level}}", rate("uk_log_lines_total{@}")), ("kept for", LOG_KEPT)],
        "ops",
        stacked=True,
    ).override(
        "byName",
        "kept for",
        unit="s",
        custom__axisPlacement="right",
        custom__fillOpacity=0,
        custom__stacking={"mode": "none", "group": "B"},
    ),
    graph(
        "Receivers: what waits",
        "How much of its backlog each receiver of what the guest pushes has not taken yet. Normal is near zero; one that grows is "
        "of a receiver that is away (SinkFailing). Empty for a guest that pushes nothing.",
        [("{{sink}}", "uk_sink_backlog_bytes{@} / uk_sink_backlog_limit_bytes{@}")],
        "percentunit",
        max=1,
    ),
    graph(
        "Receivers: what arrived",
        "Lines, samples and messages that each receiver has acknowledged; over UDP, those that were sent. Normal is a level.",
        [("{{sink}}", rate("uk_sink_sent_total{@}"))],
        "ops",
    ),
    bars(
        "Receivers: what went wrong",
        "What each receiver never got in the time shown, and attempts that failed. Normal is none; the label reason says why.",
        [
            ("{{sink}} lost", "round(sum by (sink) (increase(uk_sink_dropped_total{@}[$__range])))"),
            ("{{sink}} failed", "round(sum by (sink) (increase(uk_sink_failed_total{@}[$__range])))"),
        ],
        "short",
        steps("green", (1, "red")),
    ),
    bars(
        "Boot",
        "Time from the first instruction of this life to the end of each phase of its boot. Normal is the same at each "
        "boot: some 200 ms in all on an emulated CPU, and less on a real one.",
        [("{{phase}}", "sort(uk_boot_phase_seconds{@})")],
        "s",
        steps("blue"),
    ),
]

PROGRAM = [
    graph(
        "Requests",
        "Requests answered, by status. Normal is 200; 4xx are visitors who ask for what is not there.",
        [("{{code}}", rate("web_requests_total{@}"))],
        "reqps",
        stacked=True,
    ),
    heatmap(
        "Time to answer",
        "How long requests took, from the last byte read to the last byte handed to TCP: the darker, the more. Normal is one "
        "band that does not move.",
        "sum by (le) (increase(web_request_duration_seconds_bucket{@}[$__rate_interval]))",
        "s",
    ),
    graph(
        "Time to answer, quantiles",
        "The time within which half, 90 % and 99 % of the requests were answered. Normal is below a millisecond.",
        quantiles("web_request_duration_seconds"),
        "s",
    ),
    graph(
        "Bytes",
        "Bytes that the program reads and writes. Normal is that both follow the requests.",
        [("in", "8 * " + rate("web_receive_bytes_total{@}")), ("out", "8 * " + rate("web_transmit_bytes_total{@}"))],
        "bps",
    ),
    graph(
        "Connections",
        "Connections being served. Normal is a level that follows the load; each is a thread.",
        [("open", "web_connections_open{@}")],
        "short",
    ),
    graph(
        "Visitors turned away",
        "Connections closed unserved because there was no room for another thread. Normal is none.",
        [("turned away", rate("web_connections_turned_away_total{@}"))],
        "cps",
    ),
]
