//! What `deploy/` gives to Prometheus and Alertmanager is valid, tested by itself, documented, and about metrics there are.
//! No guest is needed for it: the tools that come with those servers judge, and a Prometheus tells how it understood it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tests::prometheus::Prometheus;
use tests::{Network, Scratch, promql, repository};

fn path(name: &str) -> PathBuf {
    repository().join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What a tool that found nothing wrong has said. Panics with what it found.
fn passes(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}:\n{said}");
    said
}

/// All rules, as a Prometheus tells them.
fn rules() -> Vec<Value> {
    let network = Network::user();
    let files = path("deploy/prometheus/rules/*.yml").display().to_string();
    let prometheus = Prometheus::with_config(&network, &format!("rule_files: ['{files}']\n"));
    let rules = prometheus.and_then(|prometheus| prometheus.rules()).expect("Prometheus takes the rules");
    assert!(rules.len() > 12, "{} rules", rules.len());
    rules
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}"))
}

fn alerts(rules: &[Value]) -> impl Iterator<Item = &Value> {
    rules.iter().filter(|rule| rule["type"] == "alerting")
}

#[test]
fn prometheus_takes_the_configuration() {
    let said = passes(Command::new("promtool").args(["check", "config"]).arg(path("deploy/prometheus/prometheus.yml")));
    assert!(said.contains("2 rule files found"), "{said}");
}

/// What is offered in comments is right, too.
#[test]
fn prometheus_takes_what_is_commented_out() {
    let config = read("deploy/prometheus/prometheus.yml");
    let (before, offered) = config.split_once("    # http_sd_configs:\n").expect("it offers http_sd");
    let (offered, after) = offered.split_once("\n\n").expect("something follows");
    let offered = offered.replace("    # ", "    ");
    let files = Scratch::new().unwrap();
    let config = files.write("prometheus.yml", &format!("{before}    http_sd_configs:\n{offered}\n\n{after}")).unwrap();
    passes(Command::new("promtool").args(["check", "config"]).arg(&config));
    fs::write(&config, fs::read_to_string(&config).unwrap().replace("url: http:", "uri: http:")).unwrap();
    let output = Command::new("promtool").args(["check", "config"]).arg(&config).output().unwrap();
    assert!(!output.status.success(), "it is read at all");
}

#[test]
fn rules_pass_their_own_tests() {
    for file in fs::read_dir(path("deploy/prometheus/tests")).unwrap() {
        passes(Command::new("promtool").args(["test", "rules"]).arg(file.unwrap().path()));
    }
}

#[test]
fn alertmanager_takes_the_configuration_and_routes_by_severity() {
    let config = path("deploy/alertmanager/alertmanager.yml");
    passes(Command::new("amtool").arg("check-config").arg(&config));
    for (alert, receivers) in [
        ("severity=critical job=periscope host=hv-1 vm=web-1", "alerta,ntfy-urgent"),
        ("severity=warning job=periscope host=hv-1 vm=web-1", "alerta,ntfy"),
        ("severity=critical job=node host=hv-1", "alerta,ntfy-urgent"),
        ("severity=info job=other", "alerta"),
    ] {
        let mut amtool = Command::new("amtool");
        amtool.args(["config", "routes", "test"]).arg(format!("--config.file={}", config.display()));
        let said = passes(amtool.args(["--verify.receivers", receivers]).args(alert.split(' ')));
        assert!(said.contains(receivers), "{alert}: {said}");
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_where_to_read_on() {
    let page = read("docs/operations.md");
    let (_, sections) = page.split_once("\n## Alerts\n").expect("it has a chapter on alerts");
    let mut described: Vec<_> = sections.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let rules = rules();
    let mut names: Vec<_> = alerts(&rules).map(|rule| text(rule, "name")).collect();
    for rule in alerts(&rules) {
        let name = text(rule, "name");
        assert!(["critical", "warning"].contains(&text(&rule["labels"], "severity")), "{name}");
        let annotations = &rule["annotations"];
        assert!(text(annotations, "summary").len() > 10 && text(annotations, "description").len() > 20, "{name}");
        let anchor = format!("/operations.md#{}", name.to_lowercase());
        assert!(text(annotations, "runbook_url").ends_with(&anchor), "{name}");
    }
    described.sort_unstable();
    names.sort_unstable();
    assert_eq!(described, names, "what the page describes, and what there is");
}

#[test]
fn every_alert_is_tested_both_ways() {
    let cases = read("deploy/prometheus/tests/presence.yml") + &read("deploy/prometheus/tests/health.yml");
    for rule in alerts(&rules()) {
        let name = text(rule, "name");
        assert!(cases.contains(&format!("alertname: {name}\n        exp_alerts:")), "no case in which {name} fires");
        assert!(cases.contains(&format!("alertname: {name} }}")), "no case in which {name} is quiet");
    }
}

#[test]
fn what_rules_and_the_page_ask_for_is_there() {
    // What Prometheus itself and blackbox_exporter give. Of node_exporter, no more than whether it is up is asked.
    const OTHERS: [&str; 4] = ["up", "ALERTS", "probe_success", "scrape_duration_seconds"];
    let documented = read("docs/metrics.md");
    let rules = rules();
    let recorded: Vec<_> =
        rules.iter().filter(|rule| rule["type"] == "recording").map(|rule| text(rule, "name")).collect();
    let check = |who: &str, expression: &str| {
        for metric in promql::metrics(expression) {
            // A histogram's samples are named after it.
            let family = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| metric.strip_suffix(suffix));
            let is_documented = |name: &str| documented.contains(&format!("| `{name}` |"));
            let known = OTHERS.contains(&metric.as_str())
                || recorded.contains(&metric.as_str())
                || is_documented(&metric)
                || family.is_some_and(is_documented);
            assert!(known, "{who} asks for {metric}, which docs/metrics.md does not have");
        }
    };
    for rule in &rules {
        assert!(!promql::metrics(text(rule, "query")).is_empty(), "{rule}");
        check(text(rule, "name"), text(rule, "query"));
    }
    // On the page, what is between backticks may be anything; these are the beginnings of what is asked of Prometheus.
    let page = read("docs/operations.md");
    let begins = |span: &&str| {
        ["up{", "rate(", "changes(", "uk_", "node_", "instance", "scrape_d"].iter().any(|b| span.starts_with(b))
    };
    let asked: Vec<_> = page.split('`').skip(1).step_by(2).filter(begins).filter(|span| *span != "instance").collect();
    assert!(asked.len() > 20, "{asked:?}");
    asked.iter().for_each(|expression| check("docs/operations.md", expression));
}

#[test]
fn what_is_recorded_is_asked_for() {
    let dashboards = ["fleet", "guest"].map(|name| read(&format!("deploy/grafana/dashboards/{name}.json")));
    let asking = dashboards.concat() + &read("docs/operations.md");
    let rules = rules();
    let is_asked_by_rules = |name: &str| rules.iter().any(|rule| promql::metrics(text(rule, "query")).contains(name));
    for name in rules.iter().filter(|rule| rule["type"] == "recording").map(|rule| text(rule, "name")) {
        assert!(asking.contains(name) || is_asked_by_rules(name), "nothing asks for {name}");
    }
}

#[test]
fn recorded_names_say_what_they_are() {
    let rules = rules();
    for name in rules.iter().filter(|rule| rule["type"] == "recording").map(|rule| text(rule, "name")) {
        let parts: Vec<_> = name.split(':').collect();
        let [level, metric, operations] = parts[..] else { panic!("{name} is not level:metric:operations") };
        assert_eq!(level.split('_').next(), Some("instance"), "{name}");
        // A rate is of no counter any more, so it does not end as one.
        assert!(!metric.is_empty() && !operations.is_empty() && !metric.ends_with("_total"), "{name}");
    }
}
