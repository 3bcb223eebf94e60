//! The configuration files, judged by the servers they are for where these can be had, and otherwise by a parser and by what
//! the server's documentation knows.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tests::{Scratch, repository};
use toml::{Table, Value};

fn path(name: &str) -> PathBuf {
    repository().join("deploy").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Whether a tool finds nothing wrong, and what it said.
fn judged(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// The text with the marks taken away from each commented line from that which says `first` on, to the next that is none.
fn offered(text: &str, first: &str) -> String {
    assert!(text.contains(first), "it does not offer {first}");
    let (mut lines, mut within) = (Vec::new(), false);
    for line in text.lines() {
        within = line.contains(first) || within && line.trim_start().starts_with('#');
        lines.push(if within { line.replacen("# ", "", 1) } else { line.to_owned() });
    }
    lines.join("\n") + "\n"
}

/// What Telegraf 1.x knows of the plugins that are used here, from its documentation.
const TELEGRAF: [(&str, &[&str]); 4] = [
    ("agent", &["interval", "flush_interval", "metric_batch_size", "metric_buffer_limit", "omit_hostname"]),
    (
        "inputs.socket_listener",
        &["service_address", "data_format", "read_timeout", "keep_alive_period", "read_buffer_size", "max_connections"],
    ),
    (
        "outputs.influxdb",
        &["urls", "database", "retention_policy", "skip_database_creation", "username", "password", "timeout"],
    ),
    ("outputs.influxdb_v2", &["urls", "token", "organization", "bucket", "timeout"]),
];

/// Telegraf's plugins, one by one, and its agent.
fn plugins(config: &Table) -> Vec<(String, &Table)> {
    let mut found = Vec::new();
    for (group, value) in config {
        for (name, value) in value.as_table().expect("only tables") {
            match value {
                Value::Array(instances) => {
                    let tables = instances.iter().map(|one| one.as_table().expect("a plugin"));
                    found.extend(tables.map(|one| (format!("{group}.{name}"), one)));
                }
                // The agent is alone.
                _ if found.iter().all(|(plugin, _)| plugin != group) => {
                    found.push((group.clone(), config[group].as_table().expect("a table")));
                }
                _ => {}
            }
        }
    }
    found
}

/// The instances of one of them.
fn instances<'a>(config: &'a Table, wanted: &str) -> Vec<&'a Table> {
    plugins(config).into_iter().filter(|(plugin, _)| plugin == wanted).map(|(_, instance)| instance).collect()
}

#[test]
fn telegraf_listens_and_writes_to_either_influxdb() {
    let text = read("telegraf/telegraf.conf");
    let plain: Table = text.parse().unwrap();
    let with_v2: Table = offered(&text, "[[outputs.influxdb_v2]]").parse().unwrap();
    for config in [&plain, &with_v2] {
        for (plugin, instance) in plugins(config) {
            let known = TELEGRAF.iter().find(|(name, _)| *name == plugin);
            let (_, known) = known.unwrap_or_else(|| panic!("{plugin} is not expected"));
            let unknown = instance.keys().find(|key| !known.contains(&key.as_str()));
            assert_eq!(unknown, None, "in {plugin}");
        }
        let agent = instances(config, "agent")[0];
        assert_eq!(agent["omit_hostname"], Value::Boolean(true), "or each point would say that it is Telegraf's own");
        let listeners = instances(config, "inputs.socket_listener");
        let addresses: Vec<_> = listeners.iter().map(|one| one["service_address"].as_str().unwrap()).collect();
        assert_eq!(addresses, ["tcp://:8094", "udp://:8094"]);
        assert!(listeners.iter().all(|one| one["data_format"].as_str() == Some("influx")));
    }
    assert_eq!(instances(&plain, "outputs.influxdb_v2").len(), 0);
    let v2 = instances(&with_v2, "outputs.influxdb_v2");
    assert_eq!(v2.len(), 1);
    assert!(v2[0].contains_key("bucket") && v2[0].contains_key("token"));
}

/// Where what Telegraf writes and what guests write over UDP ends up is what `setup.iql` makes.
#[test]
fn everybody_writes_to_the_database_that_is_made() {
    let setup = read("influxdb/setup.iql");
    assert!(setup.contains("CREATE DATABASE \"periscope\"") && setup.contains("RETENTION POLICY \"raw\""));
    let telegraf: Table = read("telegraf/telegraf.conf").parse().unwrap();
    let influxdb: Table = read("influxdb/influxdb.conf").parse().unwrap();
    let output = instances(&telegraf, "outputs.influxdb")[0];
    let datagrams = influxdb["udp"][0].as_table().unwrap();
    for (database, policy) in
        [(&output["database"], &output["retention_policy"]), (&datagrams["database"], &datagrams["retention-policy"])]
    {
        assert_eq!((database.as_str(), policy.as_str()), (Some("periscope"), Some("raw")));
    }
}

/// InfluxDB passes over what it does not know, so what it understood is compared with what is written.
#[test]
fn influxdb_understands_its_configuration() {
    let file = path("influxdb/influxdb.conf");
    let output = Command::new("influxd").args(["config", "-config"]).arg(&file).output().unwrap();
    assert!(output.status.success());
    let understood: Table = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    let mut written: Table = fs::read_to_string(&file).unwrap().parse().unwrap();
    // Debian has made the opposite of it, `reporting-enabled`, and that is off.
    if understood["reporting-enabled"] == Value::Boolean(false) {
        assert_eq!(written.remove("reporting-disabled"), Some(Value::Boolean(true)));
    }
    let mut compared = 0;
    compare("", &Value::Table(written), &Value::Table(understood), &mut compared);
    assert!(compared > 20, "{compared}");
}

fn compare(name: &str, written: &Value, understood: &Value, compared: &mut u32) {
    match (written, understood) {
        (Value::Table(written), Value::Table(understood)) => {
            for (key, value) in written {
                let found = understood.get(key).unwrap_or_else(|| panic!("InfluxDB knows no {name}.{key}"));
                compare(&format!("{name}.{key}"), value, found, compared);
            }
        }
        (Value::Array(written), Value::Array(understood)) => {
            assert_eq!(written.len(), understood.len(), "{name}");
            written.iter().zip(understood).for_each(|(one, other)| compare(name, one, other, compared));
        }
        _ => {
            // It tells durations in its own way: 1m as 1m0s.
            let plain = |value: &Value| value.to_string().replace("m0s", "m");
            assert_eq!(plain(written), plain(understood), "{name}");
            *compared += 1;
        }
    }
}

#[test]
fn rsyslog_takes_its_configuration_with_and_without_loki() {
    let text = read("rsyslog/periscope.conf");
    let files = Scratch::new().unwrap();
    let with_loki = offered(&text, "# action(type=\"omfwd\"");
    assert_eq!(with_loki.matches("\n    action(").count(), 2, "{with_loki}");
    let check = |text: &str| {
        let file = files.write("periscope.conf", text).unwrap();
        judged(Command::new("/usr/sbin/rsyslogd").args(["-N1", "-f"]).arg(file))
    };
    for text in [&text, &with_loki] {
        let (good, said) = check(text);
        assert!(good && !said.contains("error"), "{said}");
    }
    let (good, said) = check(&text.replace("dynaFile", "dynamicFile"));
    assert!(!good, "a slip passes: {said}");
}

/// rsyslog, Alloy and Promtail meet at one port, and the latter two make the same labels of the same things.
#[test]
fn lines_get_to_loki_by_either_agent() {
    let (rsyslog, alloy, promtail) =
        (read("rsyslog/periscope.conf"), read("rsyslog/loki.alloy"), read("rsyslog/promtail.yaml"));
    assert!(rsyslog.contains("target=\"127.0.0.1\" port=\"1514\" protocol=\"tcp\""));
    assert!(alloy.contains("\"127.0.0.1:1514\"") && promtail.contains("listen_address: 127.0.0.1:1514\n"));
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let alloy: Vec<_> = alloy
        .lines()
        .filter(|line| line.contains("source_labels") || line.contains("target_label"))
        .map(|line| quoted(line).expect("a name in quotes"))
        .collect();
    let named = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let name = line.strip_prefix("source_labels: [").map(|rest| rest.trim_end_matches(']'));
        name.or_else(|| line.strip_prefix("target_label: ")).map(str::to_owned)
    };
    let promtail: Vec<_> = promtail.lines().filter_map(named).collect();
    assert_eq!(alloy, promtail);
    assert_eq!(alloy.len(), 8);
}

#[test]
fn prometheus_takes_the_configurations_of_receiver_and_agent() {
    for (file, more) in [("receiver.yml", &[][..]), ("agent.yml", &["--agent"])] {
        let (good, said) =
            judged(Command::new("promtool").args(["check", "config"]).args(more).arg(path("prometheus").join(file)));
        assert!(good, "{file}: {said}");
    }
}

/// An agent scrapes guests as a Prometheus does.
#[test]
fn the_agent_has_the_job_of_the_server() {
    let relabels = |file: &str| {
        let text = read(file);
        let (_, job) = text.split_once("  - job_name: periscope\n").expect("the job");
        let (_, relabels) = job.split_once("    relabel_configs:\n").expect("it renames guests");
        let lines = relabels.lines().take_while(|line| line.starts_with("      "));
        lines.filter(|line| !line.trim_start().starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    let of_server = relabels("prometheus/prometheus.yml");
    assert!(of_server.len() > 4, "{of_server:?}");
    assert_eq!(of_server, relabels("prometheus/agent.yml"));
}

/// The query of the page is the one that promtool has tested.
#[test]
fn what_finds_guests_that_fell_silent_is_tested() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let tested = read("prometheus/tests/pushed.yml");
    let (_, expression) = tested.split_once("expr: |\n").expect("it tests an expression");
    let (expression, _) = expression.split_once("eval_time").expect("at some time");
    let page = fs::read_to_string(repository().join("docs/reporting.md")).unwrap();
    assert!(words(&page).contains(&words(expression)), "{expression}");
}

/// What the page tells operators to write, they can.
#[test]
fn the_page_names_parameters_there_are() {
    let read = |name: &str| fs::read_to_string(repository().join(name)).unwrap();
    let (page, readme) = (read("docs/reporting.md"), read("README.md"));
    let spans = page.split('`').skip(1).step_by(2).filter(|span| span.starts_with("--"));
    let names = spans.map(|span| span.split(['=', '[']).next().expect("there is always a first"));
    // Those of Prometheus have dots.
    let ours: Vec<_> = names.filter(|name| !name.contains('.')).collect();
    assert!(ours.len() > 30, "{ours:?}");
    for name in ours {
        let rows = ["`", "=", "["].map(|end| format!("\n| `{name}{end}"));
        assert!(rows.iter().any(|row| readme.contains(row.as_str())), "README has no {name}");
    }
}
