//! What dashboards and alerts ask of an InfluxDB, asked of a real one that real guests have filled: one that works, one that
//! dies, and two whose program ends.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddrV4;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tests::influxdb::{DATABASE, InfluxDb};
use tests::load::{self, Style};
use tests::{Boot, Guest, Machine, Network, Outcome, PATIENCE, Side, eventually, repository, skip};

use super::alerts;

/// The guest that is visited, which the dashboard of one guest is about.
const BUSY: &str = "busy";

/// What Grafana puts in the place of its variables.
const VARIABLES: [(&str, &str); 4] =
    [("$timeFilter", "time > now() - 10m"), ("$__interval", "1s"), ("$job", "periscope"), ("$vm", BUSY)];

/// A query as it is sent, where it is from, and the tags and columns that its answer has to have.
struct Query {
    from: String,
    text: String,
    tags: Vec<String>,
    columns: Vec<String>,
}

#[test]
fn every_query_returns_rows() {
    let machine = if skip::wants(Machine::Q35) { Machine::Q35 } else { Machine::Microvm };
    // In user mode, all guests reach one place.
    let network = Network::user();
    let influx = InfluxDb::start(&network).unwrap();
    set_up(&influx);
    let receiver = network.server(influx.http_port());
    let busy = boot(machine, "web", BUSY, receiver).start();
    let mut lost = boot(machine, "web", "lost", receiver).start();
    let _over = [("done", "return", Outcome::Success), ("failed", "return-error", Outcome::ProgramError)].map(
        |(name, word, outcome)| {
            let mut guest = boot(machine, "guest", name, receiver).words(word).start();
            guest.expect_outcome(outcome);
            guest
        },
    );
    assert!(eventually(PATIENCE, || ended(&influx).contains_key("lost").then_some(())).is_some(), "it pushes");
    lost.kill();
    let visited = AtomicBool::new(true);
    let unanswered = thread::scope(|scope| {
        scope.spawn(|| {
            while visited.load(Relaxed) {
                load::requests(busy.network(), (Side::Service, 80), "/", 50, 2, Style::KeepAlive).expect("it answers");
                tests::let_pass(Duration::from_millis(100));
            }
        });
        let unanswered = unanswered(&influx, queries());
        visited.store(false, Relaxed);
        unanswered
    });
    assert!(unanswered.is_empty(), "{} queries return nothing:\n{}", unanswered.len(), unanswered.join("\n"));

    // What the deadman looks at: it spares whose program ended well, and nobody else.
    let told: BTreeMap<_, _> = ended(&influx).into_iter().map(|(vm, (_, ended))| (vm, ended)).collect();
    let expected = [(BUSY, 0), ("done", 1), ("failed", 0), ("lost", 0)];
    assert_eq!(told, expected.map(|(vm, ended)| (vm.to_owned(), ended)).into());
    // And when: at the last push, not at the beginning of the time that was asked for.
    let uptime = "SELECT last(uk_uptime_seconds) FROM \"time\" WHERE vm = 'lost'";
    let last = influx.query(DATABASE, uptime).unwrap()[0]["values"][0][0].as_u64();
    assert_eq!(Some(ended(&influx)["lost"].0), last);
    // A failure is told as one.
    let failed = "SELECT last(uk_program_ended) FROM program WHERE vm = 'failed' AND outcome = 'failure'";
    assert_eq!(influx.query(DATABASE, failed).unwrap()[0]["values"][0][1], 1);
}

fn boot(machine: Machine, image: &str, name: &str, receiver: SocketAddrV4) -> Boot {
    let parameters = format!("--name={name} --monitor=http://{receiver}/write?db=periscope --monitor-interval=1s");
    Guest::boot(machine, image).network(Network::user()).parameters(&parameters)
}

/// What `deploy/` sets up, statement by statement.
fn set_up(influx: &InfluxDb<'_>) {
    let text = fs::read_to_string(repository().join("deploy/influxdb/setup.iql")).unwrap();
    let code: String = text.lines().filter(|line| !line.starts_with("--")).map(|line| format!("{line}\n")).collect();
    let statements: Vec<_> = code.split(';').map(str::trim).filter(|statement| !statement.is_empty()).collect();
    assert_eq!(statements.len(), 4, "{statements:?}");
    // To do it again does no harm.
    for statement in [&statements[..], &statements[..]].concat() {
        influx.command(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// What the deadman is told of each guest: when it pushed last, and whether its program had ended well.
fn ended(influx: &InfluxDb<'_>) -> BTreeMap<String, (u64, u64)> {
    let scripts = alerts::scripts();
    let (_, script) = scripts.iter().find(|(name, _)| name == "deadman.tick").expect("it is there");
    let series = influx.query(DATABASE, &alerts::queries(script)[0].text).expect("it is a query");
    let row = |series: &Value| {
        let row = &series["values"][0];
        Some((series["tags"]["vm"].as_str()?.to_owned(), (row[0].as_u64()?, row[1].as_u64()?)))
    };
    series.iter().map(|series| row(series).unwrap_or_else(|| panic!("{series}"))).collect()
}

fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for name in ["guest", "fleet"] {
        let file = repository().join("deploy/grafana/dashboards-influxdb").join(name).with_extension("json");
        let dashboard: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        for panel in array(&dashboard["panels"]) {
            queries.extend(array(&panel["targets"]).iter().map(|target| Query {
                from: format!("{name}: {}", text(&panel["title"])),
                text: substituted(&text(&target["query"])),
                tags: tags(&text(&target["alias"])),
                columns: Vec::new(),
            }));
        }
        let variables = array(&dashboard["templating"]["list"]);
        queries.extend(variables.iter().filter(|variable| variable["type"] == "query").map(|variable| Query {
            from: format!("{name}: ${}", text(&variable["name"])),
            text: substituted(&text(&variable["query"])),
            tags: Vec::new(),
            columns: vec!["value".to_owned()],
        }));
    }
    assert!(queries.len() > 40, "only {} queries found", queries.len());
    for (name, script) in alerts::scripts() {
        queries.extend(alerts::queries(&script).into_iter().map(|query| Query {
            from: name.clone(),
            text: query.text,
            tags: query.tags,
            columns: query.columns,
        }));
    }
    queries
}

/// The tags that a legend shows: `$tag_vm $tag_thread`.
fn tags(alias: &str) -> Vec<String> {
    let names = alias.split("$tag_").skip(1);
    names
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("").to_owned())
        .collect()
}

/// A query as Grafana sends it.
fn substituted(query: &str) -> String {
    let sent = VARIABLES.iter().fold(query.to_owned(), |text, (name, value)| text.replace(name, value));
    // A dollar is the end of a regular expression, too.
    let unknown = sent.split('$').skip(1).find(|rest| !rest.starts_with('/'));
    assert_eq!(unknown, None, "a variable that Grafana would not know in {query}");
    sent
}

/// Asks again and again, for a rate takes two pushes, and returns the queries that never get an answer.
fn unanswered(influx: &InfluxDb<'_>, queries: Vec<Query>) -> Vec<String> {
    let mut left: Vec<_> = queries.into_iter().map(|query| (query, String::new())).collect();
    let _ = eventually(PATIENCE, || {
        left.retain_mut(|(query, last)| match answer(influx, query) {
            Ok(()) => false,
            Err(why) => {
                *last = why;
                true
            }
        });
        left.is_empty().then_some(())
    });
    left.iter().map(|(query, why)| format!("{}: {why}: {}", query.from, query.text)).collect()
}

/// Whether a query returns rows, each series with the tags it is to have and a value.
fn answer(influx: &InfluxDb<'_>, query: &Query) -> Result<(), String> {
    let series = influx.query(DATABASE, &query.text).map_err(|error| error.to_string())?;
    if series.is_empty() {
        return Err("nothing".to_owned());
    }
    for one in &series {
        let is_tagged = |tag: &String| one["tags"][tag].as_str().is_some_and(|value| !value.is_empty());
        if let Some(tag) = query.tags.iter().find(|tag| !is_tagged(tag)) {
            return Err(format!("no tag {tag}: {one}"));
        }
        let columns: Vec<_> = one["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if let Some(column) = query.columns.iter().find(|column| !columns.contains(&column.as_str())) {
            return Err(format!("no column {column}: {one}"));
        }
        let mut values = one["values"].as_array().into_iter().flatten().filter_map(|row| row.as_array()?.last());
        if values.all(Value::is_null) {
            return Err(format!("no value: {one}"));
        }
    }
    Ok(())
}
