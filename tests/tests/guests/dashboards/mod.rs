//! The dashboards in deploy/grafana, and a stock one, against a real Prometheus that holds real guests' data and computes
//! the rules of deploy/prometheus: nothing on them is ever empty.

mod model;
mod stock;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use model::Dashboard;
use tests::load::{self, Style};
use tests::prometheus::{Prometheus, Sample};
use tests::{Guest, Machine, Network, PATIENCE, Side, eventually, skip};

/// The guest that is visited, which the dashboards of one guest are about.
const BUSY: &str = "busy";

/// What Grafana puts in the place of its variables, the longest names first.
const VARIABLES: [(&str, &str); 7] = [
    ("$__rate_interval", "5s"),
    ("$__interval", "1s"),
    ("$__range", "1m"),
    ("$datasource", "prometheus"),
    ("$instance", BUSY),
    ("$node", BUSY),
    ("$job", "periscope"),
];

#[test]
fn every_query_returns_data() {
    let machine = if skip::wants(Machine::Q35) { Machine::Q35 } else { Machine::Microvm };
    // In user mode, both guests are reached from one place.
    let boot = |name| {
        // A receiver that is not there is one, too.
        let parameters = format!("--name={name} --syslog=tcp://10.0.3.9");
        Guest::boot(machine, "web").network(Network::user()).parameters(&parameters).start()
    };
    let guests = [boot(BUSY), boot("idle")];
    let address = |guest: &Guest| guest.network().address(Side::Management, 9100);
    let targets = [(BUSY, address(&guests[0])), ("idle", address(&guests[1]))];
    let _ = guests.each_ref().map(Guest::scrape);
    let prometheus = Prometheus::of_many(guests[0].network(), &targets).unwrap();
    let visited = AtomicBool::new(true);
    let unanswered = thread::scope(|scope| {
        scope.spawn(|| {
            while visited.load(Relaxed) {
                let target = (Side::Service, 80);
                load::requests(guests[0].network(), target, "/", 50, 2, Style::KeepAlive).expect("it answers visitors");
                tests::let_pass(Duration::from_millis(100));
            }
        });
        let unanswered = unanswered(&prometheus, queries());
        visited.store(false, Relaxed);
        unanswered
    });
    assert!(unanswered.is_empty(), "{} queries return nothing:\n{}", unanswered.len(), unanswered.join("\n"));
}

/// A query as it is sent, and where it is from.
struct Query {
    from: String,
    asks: Asks,
}

enum Asks {
    /// An expression, and the labels that the legend tells its series apart by.
    Expression(String, Vec<String>),
    /// A label, and the series it is looked for on.
    LabelValues(String, String),
}

fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for dashboard in Dashboard::all() {
        for target in dashboard.targets() {
            let from = format!("{}: {}", dashboard.title(), target.panel);
            queries.push(Query { from, asks: Asks::Expression(substituted(&target.expression), target.labels()) });
        }
        for (variable, query) in dashboard.variable_queries() {
            let from = format!("{}: ${variable}", dashboard.title());
            queries.push(Query { from, asks: label_values(&query) });
        }
    }
    let count = queries.len();
    assert!(count > 50, "only {count} queries found");
    let stock = |asks| Query { from: "Node Exporter Full".to_owned(), asks };
    let unlabelled = |expression: &&str| Asks::Expression(substituted(expression), Vec::new());
    queries.extend(stock::EXPRESSIONS.iter().map(unlabelled).map(stock));
    queries.extend(stock::VARIABLES.iter().map(|query| stock(label_values(query))));
    queries
}

/// Asks again and again, for a rate takes a few scrapes, and returns the queries that never get an answer.
fn unanswered(prometheus: &Prometheus<'_>, queries: Vec<Query>) -> Vec<String> {
    let mut left: Vec<_> = queries.into_iter().map(|query| (query, String::new())).collect();
    let _ = eventually(PATIENCE, || {
        left.retain_mut(|(query, last)| match answer(prometheus, &query.asks) {
            Ok(()) => false,
            Err(why) => {
                *last = why;
                true
            }
        });
        left.is_empty().then_some(())
    });
    left.iter().map(|(query, why)| format!("{}: {why}", query.from)).collect()
}

/// Whether a query returns data, a number among it, and what its legend tells.
fn answer(prometheus: &Prometheus<'_>, asks: &Asks) -> Result<(), String> {
    match asks {
        Asks::Expression(expression, labels) => {
            let labelled = |sample: &Sample| labels.iter().all(|label| sample.labels.contains_key(label));
            match prometheus.samples(expression) {
                Ok(samples) if !samples.iter().all(labelled) => Err(format!("without {labels:?}: {expression}")),
                Ok(samples) if samples.iter().any(|sample| !sample.value.is_nan()) => Ok(()),
                Ok(samples) if samples.is_empty() => Err(format!("nothing: {expression}")),
                other => Err(format!("{other:?} for {expression}")),
            }
        }
        Asks::LabelValues(label, series) => match prometheus.label_values(label, series) {
            Ok(values) if !values.is_empty() => Ok(()),
            other => Err(format!("{other:?} for {label} of {series}")),
        },
    }
}

/// An expression as Grafana sends it.
fn substituted(expression: &str) -> String {
    let sent = VARIABLES.iter().fold(expression.to_owned(), |text, (name, value)| text.replace(name, value));
    let unknown =
        sent.split('$').skip(1).find(|rest| rest.starts_with(|c: char| c.is_alphabetic() || "_{".contains(c)));
    assert_eq!(unknown, None, "a variable that Grafana would not know in {expression}");
    sent
}

/// Grafana's `label_values(series, label)`.
fn label_values(query: &str) -> Asks {
    let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    let (series, label) = inner.and_then(|inner| inner.rsplit_once(", ")).expect("label_values(series, label)");
    Asks::LabelValues(label.to_owned(), substituted(series))
}
