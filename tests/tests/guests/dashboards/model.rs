//! The dashboards in deploy/grafana as Grafana reads them, and what has to hold of each whatever it shows. What those on
//! InfluxDB ask, tests/tests/guests/reporting asks.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::process::Command;

use serde_json::Value;
use tests::{promql, repository};

/// Panels of today's Grafana. A row is a header, not a panel.
const KINDS: [&str; 7] = ["stat", "timeseries", "bargauge", "heatmap", "state-timeline", "table", "row"];
/// Panels that say by color whether what they show is good.
const JUDGING: [&str; 2] = ["stat", "bargauge"];
const COLUMNS: u64 = 24;
const DATASOURCE: &str = "${datasource}";

/// One of them.
pub(crate) struct Dashboard(Value);

impl Dashboard {
    /// Those that ask a Prometheus.
    pub(crate) fn all() -> Vec<Self> {
        Self::of_folder("dashboards")
    }

    /// Those, and the ones that ask an InfluxDB.
    fn on_either() -> Vec<Self> {
        Self::all().into_iter().chain(Self::of_folder("dashboards-influxdb")).collect()
    }

    fn of_folder(folder: &str) -> Vec<Self> {
        ["guest", "fleet"]
            .map(|name| {
                let file = repository().join("deploy/grafana").join(folder).join(name).with_extension("json");
                let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                Self(serde_json::from_slice(&text).unwrap())
            })
            .into()
    }

    pub(crate) fn title(&self) -> &str {
        self.0["title"].as_str().expect("a dashboard has a title")
    }

    fn panels(&self) -> impl Iterator<Item = &Value> {
        self.0["panels"].as_array().expect("a dashboard has panels").iter()
    }

    fn variables(&self) -> impl Iterator<Item = &Value> {
        self.0["templating"]["list"].as_array().expect("a dashboard has variables").iter()
    }

    /// Each target of each panel.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let target = |panel, target: &Value| Target {
            panel: title(panel).to_owned(),
            expression: text(&target["expr"]),
            legend: text(&target["legendFormat"]),
        };
        self.panels().flat_map(|panel| targets(panel).map(move |of_panel| target(panel, of_panel))).collect()
    }

    /// The queries that find the values of variables, with their names.
    pub(crate) fn variable_queries(&self) -> Vec<(String, String)> {
        let queries = self.variables().filter(|variable| variable["type"] == "query");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        queries.map(|variable| (text(&variable["name"]), text(&variable["query"]["query"]))).collect()
    }
}

/// What a panel asks Prometheus.
pub(crate) struct Target {
    pub(crate) panel: String,
    pub(crate) expression: String,
    legend: String,
}

impl Target {
    /// The labels that its legend shows.
    pub(crate) fn labels(&self) -> Vec<String> {
        let parts = self.legend.split("{{").skip(1);
        parts.map(|part| part.split("}}").next().unwrap_or_default().to_owned()).collect()
    }
}

fn title(panel: &Value) -> &str {
    panel["title"].as_str().expect("a panel has a title")
}

/// Where the values of a panel lead.
fn data_links(panel: &Value) -> Vec<String> {
    let config = &panel["fieldConfig"];
    let overridden = config["overrides"].as_array().into_iter().flatten();
    let properties = overridden.flat_map(|one| one["properties"].as_array().into_iter().flatten());
    let of_some = properties.filter(|property| property["id"] == "links").map(|property| &property["value"]);
    let links = of_some.chain([&config["defaults"]["links"]]).flat_map(|links| links.as_array().into_iter().flatten());
    links.map(|link| link["url"].as_str().expect("a text").to_owned()).collect()
}

fn targets(panel: &Value) -> impl Iterator<Item = &Value> {
    panel["targets"].as_array().into_iter().flatten()
}

#[test]
fn are_what_their_source_says() {
    let python = repository().join("tests/.venv/bin/python");
    // -B: nothing is to be written next to the source.
    let output = Command::new(python).arg("-B").arg(repository().join("deploy/grafana/source")).arg("--check").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn panels_are_whole() {
    for dashboard in Dashboard::on_either() {
        // Grafana 10 is the first with 38; what a later one has is read by none before it.
        assert_eq!(dashboard.0["schemaVersion"], 38);
        assert!(dashboard.0["uid"].as_str().is_some_and(|uid| !uid.is_empty()));
        for panel in dashboard.panels() {
            let name = format!("{}: {}", dashboard.title(), title(panel));
            let kind = panel["type"].as_str().unwrap_or_default();
            assert!(KINDS.contains(&kind), "{name}: {kind} is deprecated or unknown");
            if kind == "row" {
                continue;
            }
            let description = panel["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.') && description.len() > 20, "{name}: described by `{description}`");
            assert_eq!(panel["datasource"]["uid"], DATASOURCE, "{name}");
            let defaults = &panel["fieldConfig"]["defaults"];
            assert!(defaults["unit"].as_str().is_some_and(|unit| !unit.is_empty()), "{name}: no unit");
            let judges = defaults["thresholds"]["steps"].as_array().is_some_and(|steps| !steps.is_empty());
            assert!(judges || !JUDGING.contains(&kind), "{name}: no thresholds");
            let mut ids = HashSet::new();
            for target in targets(panel) {
                assert_eq!(target["datasource"]["uid"], DATASOURCE, "{name}");
                assert!(ids.insert(target["refId"].as_str().expect("a text")), "{name}: two targets of one name");
            }
            assert!(!ids.is_empty(), "{name}: no targets");
        }
    }
}

#[test]
fn panels_have_places_of_their_own() {
    for dashboard in Dashboard::on_either() {
        let (mut ids, mut taken) = (HashSet::new(), HashSet::new());
        for panel in dashboard.panels() {
            let name = format!("{}: {}", dashboard.title(), title(panel));
            assert!(ids.insert(panel["id"].as_u64().expect("a number")), "{name}: its id is another's");
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().expect("a number"));
            assert!(w > 0 && h > 0 && x + w <= COLUMNS, "{name}: {}", panel["gridPos"]);
            for cell in (y..y + h).flat_map(|y| (x..x + w).map(move |x| (x, y))) {
                assert!(taken.insert(cell), "{name}: its place is another's");
            }
        }
    }
}

#[test]
fn variables_are_chosen_from_what_there_is() {
    for dashboard in Dashboard::on_either() {
        let names: Vec<_> = dashboard.variables().map(|variable| variable["name"].as_str().expect("a text")).collect();
        assert_eq!(names[..2], ["datasource", "job"], "{}", dashboard.title());
        let source = dashboard.variables().next().expect("it has two");
        let kind = if dashboard.title().ends_with("(InfluxDB)") { "influxdb" } else { "prometheus" };
        assert_eq!((&source["type"], &source["query"]), (&"datasource".into(), &kind.into()));
        for asking in dashboard.variables().skip(1).chain(dashboard.panels().filter(|panel| panel["type"] != "row")) {
            assert_eq!(
                (&asking["datasource"]["type"], &asking["datasource"]["uid"]),
                (&kind.into(), &DATASOURCE.into())
            );
        }
    }
    for dashboard in Dashboard::all() {
        for Target { panel, expression, .. } in dashboard.targets() {
            assert!(expression.contains("$job"), "{panel}: looks at other jobs: {expression}");
        }
    }
}

#[test]
fn links_keep_the_time_that_is_shown() {
    let mut leading = 0;
    for dashboard in Dashboard::on_either() {
        for link in dashboard.0["links"].as_array().expect("a dashboard has links, or none") {
            assert_eq!(link["keepTime"], true, "{link}");
        }
        for panel in dashboard.panels() {
            for url in data_links(panel) {
                assert!(url.ends_with("&${__url_time_range}"), "{}: {url}", title(panel));
                leading += 1;
            }
        }
    }
    assert!(leading > 5, "{leading} links from values");
}

/// Panels on what was lost count what PacketsDropped does.
#[test]
fn what_is_lost_is_the_same_for_the_alert_and_for_every_panel() {
    let rules = fs::read_to_string(repository().join("deploy/prometheus/rules/periscope-alerts.yml")).unwrap();
    let (_, rule) = rules.split_once("- record: instance_device:uk_packets_dropped:rate5m\n        expr: |\n").unwrap();
    let counted = promql::metrics(rule.split("\n\n").next().unwrap());
    assert_eq!(counted.len(), 5, "{counted:?}");
    let targets: Vec<_> = Dashboard::all().iter().flat_map(Dashboard::targets).collect();
    for panel in ["Packets dropped", "Guests", "Lost", "What was lost"] {
        let of_panel = targets.iter().filter(|target| target.panel == panel);
        let asked: BTreeSet<_> = of_panel.flat_map(|target| promql::metrics(&target.expression)).collect();
        assert!(asked.is_superset(&counted), "{panel} asks for {asked:?}");
    }
}
