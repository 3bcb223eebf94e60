//! The scripts in deploy/kapacitor, and what each reads from the database: as InfluxQL, to be asked of a real one.

use std::collections::BTreeSet;
use std::fs;

use tests::repository;

use super::tick::{Argument, Script};
use super::tokens::Token;

/// A script's name and what it says.
pub(crate) fn scripts() -> Vec<(String, Script)> {
    let folder = fs::read_dir(repository().join("deploy/kapacitor")).expect("the folder is there");
    let files = folder.map(|file| file.expect("it can be listed").path());
    let scripts = files.filter(|file| file.extension().is_some_and(|extension| extension == "tick"));
    let parsed = scripts.map(|file| {
        let name = file.file_name().expect("it has one").to_string_lossy().into_owned();
        let script = Script::parse(&fs::read_to_string(&file).expect("it is a text"));
        let script = script.unwrap_or_else(|why| panic!("{name}: {why}"));
        (name, script)
    });
    parsed.collect()
}

/// What is asked of the database, and the tags and columns that the answer has to have.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) tags: Vec<String>,
    pub(crate) columns: Vec<String>,
}

/// What a script reads: of a stream one query for each field, of a batch the query that it sends.
pub(crate) fn queries(script: &Script) -> Vec<Query> {
    match (script.node("from"), script.node("query")) {
        (Some(_), None) => of_stream(script),
        (None, Some(_)) => vec![of_batch(script)],
        _ => panic!("neither one stream nor one batch: {script:?}"),
    }
}

fn of_stream(script: &Script) -> Vec<Query> {
    let from = script.node("from").expect("it is a stream");
    let text = |property: &str| from.property(property).and_then(|call| call.texts().next());
    let measurement = text("measurement").expect("it names a measurement");
    let condition = from.property("where").and_then(|call| call.lambda()).map(influxql);
    let condition = condition.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
    let tags = tags(from.property("groupBy").map(|call| call.texts()));
    let (database, policy) = &script.dbrp;
    let query = |field: String| Query {
        text: format!(
            "SELECT \"{field}\" FROM \"{database}\".\"{policy}\".\"{measurement}\"{condition} GROUP BY {}",
            quoted(&tags)
        ),
        tags: tags.clone(),
        columns: vec![field],
    };
    fields(script).into_iter().map(query).collect()
}

/// The fields of the database that a stream's script names: not those that its own nodes make.
fn fields(script: &Script) -> BTreeSet<String> {
    let (mut named, mut made) = (BTreeSet::new(), BTreeSet::new());
    for node in script.nodes().filter(|node| node.call.name != "from") {
        let called = node.properties.iter().flat_map(|property| property.lambda()).chain(node.call.lambda());
        named.extend(called.flatten().filter_map(reference));
        if ["derivative", "mean"].contains(&node.call.name.as_str()) {
            named.extend(node.call.texts().map(str::to_owned));
        }
        let made_here = node.property("as").into_iter().flat_map(|call| call.texts());
        made.extend(made_here.map(str::to_owned));
    }
    // What is joined is called by the join's name for it, a dot, and its own.
    let own = |name: String| match name.split_once('.') {
        Some((joined, field)) if made.contains(joined) => field.to_owned(),
        _ => name,
    };
    named.into_iter().map(own).filter(|name| !made.contains(name)).collect()
}

fn of_batch(script: &Script) -> Query {
    let query = script.node("query").expect("it is a batch");
    let text = query.call.texts().next().expect("it asks something").trim().to_owned();
    let Some([Argument::Duration(period)]) = query.property("period").map(|call| call.arguments.as_slice()) else {
        panic!("no period: {query:?}");
    };
    let alert = script.node("alert").expect("it tells somebody");
    let asked = alert.properties.iter().flat_map(|property| property.lambda()).flatten().filter_map(reference);
    let tags = tags(query.property("groupBy").map(|call| call.texts()));
    // What Kapacitor adds.
    let text = format!("{text} AND time > now() - {period} GROUP BY {}", quoted(&tags));
    Query { text, tags, columns: asked.collect() }
}

fn reference(token: &Token) -> Option<String> {
    match token {
        Token::Reference(name) => Some(name.clone()),
        _ => None,
    }
}

fn tags<'a>(texts: Option<impl Iterator<Item = &'a str>>) -> Vec<String> {
    texts.expect("it tells guests apart").map(str::to_owned).collect()
}

fn quoted(tags: &[String]) -> String {
    tags.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(", ")
}

/// An expression on tags in the database's language.
fn influxql(lambda: &[Token]) -> String {
    let word = |token: &Token| match token {
        Token::Reference(name) => format!("\"{name}\""),
        Token::Text(text) => format!("'{text}'"),
        Token::Symbol(symbol) if symbol == "==" => "=".to_owned(),
        Token::Symbol(word) | Token::Name(word) | Token::Number(word) | Token::Duration(word) => word.clone(),
    };
    lambda.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn scripts_are_read_strictly() {
    let good = fs::read_to_string(repository().join("deploy/kapacitor/cpu.tick")).unwrap();
    assert!(Script::parse(&good).is_ok());
    for (from, to) in [
        ("|derivative(", "|derivate("),
        (".nonNegative()", ".nonNegativ()"),
        (".as('idle')", ".as('idle'"),
        ("lambda: 1.0", "1.0"),
        (".every(1m)", ".every(1x)"),
        ("stream\n", "streem\n"),
        ("\"busy\" > 0.8", "\"busy\" >"),
        ("dbrp \"periscope\".", "dbrp "),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(Script::parse(&good.replace(from, to)).is_err(), "{to} passes");
    }
}

#[test]
fn what_scripts_read_is_found() {
    let scripts = scripts();
    assert_eq!(scripts.len(), 3);
    let asked: Vec<_> = scripts.iter().flat_map(|(_, script)| queries(script)).collect();
    assert!(asked.iter().all(|query| query.tags == ["job", "vm"] && !query.columns.is_empty()), "{asked:?}");
    let cpu = "SELECT \"node_cpu_seconds_total\" FROM \"periscope\".\"raw\".\"cpu\" WHERE \"mode\" = 'idle' \
               GROUP BY \"job\", \"vm\"";
    assert!(asked.iter().any(|query| query.text == cpu), "{asked:?}");
    // Two fields of memory, one of the CPU, and what the deadman asks.
    assert_eq!(asked.len(), 4, "{asked:?}");
}

/// Each threshold is told at 80 and at 90 %, each alert is told to somebody, and each script is in the list of commands.
#[test]
fn scripts_warn_at_80_and_at_90_percent() {
    let page = fs::read_to_string(repository().join("deploy/kapacitor/README.md")).unwrap();
    for (name, script) in scripts() {
        let alert = script.node("alert").expect("it tells somebody");
        assert!(alert.property("log").is_some() && alert.property("id").is_some(), "{name}");
        let task = format!("periscope-{}", name.trim_end_matches(".tick"));
        assert!(page.contains(&format!("kapacitor define {task} -tick {name}\n")), "{name}");
        assert!(page.lines().any(|line| line.contains("kapacitor enable ") && line.contains(&task)), "{name}");
        if script.node("from").is_some() {
            let level = |property: &str| alert.property(property).and_then(|call| call.lambda()?.last().cloned());
            assert_eq!(level("warn"), Some(Token::Number("0.8".to_owned())), "{name}");
            assert_eq!(level("crit"), Some(Token::Number("0.9".to_owned())), "{name}");
        }
    }
}
