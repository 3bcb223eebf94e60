//! What the person at the keyboard is told: what runs, and what to open.

use ::tests::http::percent_encoded;

use crate::guests::Named;
use crate::servers::Servers;

/// Graphs worth opening: what they show, and their expressions, one below the other. `CPU` is stacked.
const GRAPHS: [(&str, &[&str]); 3] = [
    (
        "what the guests are doing",
        &[
            CPU,
            "sum by (vm, code) (rate(web_requests_total[10s])) > 0",
            "rate(node_network_transmit_bytes_total{device=\"service\"}[10s])",
        ],
    ),
    (
        "what they are waiting for",
        &[
            "histogram_quantile(0.99, sum by (vm, le) (rate(uk_run_queue_wait_seconds_bucket[10s])))",
            "histogram_quantile(0.99, sum by (vm, le) (rate(uk_wakeup_latency_seconds_bucket[10s])))",
            "rate(node_pressure_cpu_waiting_seconds_total[10s])",
        ],
    ),
    (
        "whether they are healthy",
        &["up", "uk_heap_used_bytes / uk_heap_size_bytes", "sum by (vm) (rate(uk_log_lines_total[10s]))"],
    ),
];
/// The CPU's time by what it was for.
const CPU: &str = "sum by (vm, mode) (rate(node_cpu_seconds_total{mode!~\"idle|iowait|nice|steal\"}[10s]))";

/// Tells what there is.
pub(crate) fn all(guests: &[Named], servers: &Servers) {
    let page = format!("http://{}{}", servers.prometheus.address, servers.graphs);
    let (beside, _) = page.rsplit_once('/').unwrap_or((&page, ""));
    println!("\nOpen in a browser:\n");
    for (what, expressions) in GRAPHS {
        println!("  Prometheus: {what}\n    {}\n", graph(&page, expressions));
    }
    println!("  Prometheus: the guests it scrapes  {beside}/targets");
    println!("  Alertmanager: what is wrong        http://{}/", servers.alertmanager.address);
    for named in guests {
        let (name, metrics, service) = (&named.name, named.metrics(), named.service());
        println!("\n  {name}: every metric     http://{metrics}/metrics");
        println!("  {name}: all that it is   http://{metrics}/ukstore/");
        println!("  {name}: its log          http://{metrics}/log");
        println!("  {name}: its program      http://{service}/");
    }
    println!("\nTo see an alert, end a guest; a minute later, Alertmanager tells of it, here and on its page:\n");
    for Named { name, guest } in guests {
        println!("  {name}: kill {}", guest.id());
    }
    println!("  (Prometheus is process {}, Alertmanager {}.)", servers.prometheus.id(), servers.alertmanager.id());
}

/// The URL of Prometheus' page for graphs with one of each expression, over the last five minutes.
fn graph(page: &str, expressions: &[&str]) -> String {
    let panel = |(index, expression): (usize, &&str)| {
        let stacked = u8::from(*expression == CPU);
        let expression = percent_encoded(expression);
        format!("g{index}.expr={expression}&g{index}.tab=0&g{index}.range_input=5m&g{index}.stacked={stacked}")
    };
    let panels: Vec<_> = expressions.iter().enumerate().map(panel).collect();
    format!("{page}?{}", panels.join("&"))
}

#[cfg(test)]
mod tests {
    use super::graph;

    #[test]
    fn a_graph_is_a_link() {
        assert_eq!(
            graph("http://127.0.0.1:9090/graph", &["up", "a{b=\"c\"}"]),
            "http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=0&g0.range_input=5m&g0.stacked=0\
             &g1.expr=a%7Bb%3D%22c%22%7D&g1.tab=0&g1.range_input=5m&g1.stacked=0"
        );
    }
}
