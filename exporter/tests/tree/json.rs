//! JSON says what ukstore says, with every digit; a listing says what its leaves say.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use proptest::prelude::*;
use serde_json::Value as Json;
use ukstore::{Node, Value};

use crate::client::json;
use crate::declared::{alone, populate};

/// What the computed numbers below give.
static BITS: AtomicU64 = AtomicU64::new(0);

fn bits() -> u64 {
    BITS.load(Relaxed)
}

ukstore::computed! {
    /// A number as it is.
    gauge "/set/unsigned", "set_unsigned" => prompt || Value::U64(bits());
    /// With its sign.
    gauge "/set/signed", "set_signed" => prompt || Value::I64(bits().cast_signed());
    /// As a float.
    gauge "/set/float", "set_float" => prompt || Value::F64(f64::from_bits(bits()));
    /// As nanoseconds.
    gauge "/set/age_seconds", "set_age_seconds", Seconds => prompt || Value::Nanos(bits());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_keep_every_digit(number in prop_oneof![any::<u64>(), Just(u64::MAX), Just(0), (0_u64..64).prop_map(|n| 1 << n)]) {
        let _alone = alone();
        BITS.store(number, Relaxed);
        let value = |path: &str| json(path)["value"].clone();
        prop_assert_eq!(value("/set/unsigned").as_u64(), Some(number));
        prop_assert_eq!(value("/set/signed").as_i64(), Some(number.cast_signed()));
        let float = f64::from_bits(number);
        match value("/set/float") {
            Json::Number(text) => prop_assert_eq!(text.as_str().parse::<f64>().unwrap().to_bits(), number),
            Json::String(text) => {
                let expected = if float.is_nan() { "NaN" } else if float > 0.0 { "+Inf" } else { "-Inf" };
                prop_assert_eq!(text, expected);
                prop_assert!(!float.is_finite());
            }
            other => prop_assert!(false, "{}", other),
        }
        let Json::Number(seconds) = value("/set/age_seconds") else { panic!("a number") };
        let (whole, fraction) = seconds.as_str().split_once('.').unwrap_or((seconds.as_str(), ""));
        prop_assert_eq!(format!("{whole}{fraction:0<9}").parse::<u64>().unwrap(), number);
    }
}

/// Every leaf there is, by its path, as listings show it.
fn listed(path: &str, leaves: &mut Vec<(String, Json)>) {
    for child in json(&escaped(path))["children"].as_array().expect("children") {
        let its_path = child["path"].as_str().expect("a path").to_owned();
        let name = child["name"].as_str().expect("a name");
        assert_eq!(its_path, format!("{}/{name}", path.trim_end_matches('/')));
        if child["kind"] == "directory" {
            listed(&its_path, leaves);
        } else {
            leaves.push((its_path, child.clone()));
        }
    }
}

fn escaped(path: &str) -> String {
    path.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02x}") }).collect()
}

#[test]
fn a_listing_a_leaf_and_the_programs_interface_agree() {
    populate();
    let _alone = alone();
    let mut leaves = Vec::new();
    listed("/", &mut leaves);
    assert!(leaves.len() > 60, "{leaves:#?}");
    for (path, child) in leaves {
        // What the tests, or replies themselves, move meanwhile; long words are cut in a listing.
        if ["/management", "/scrape", "/test", "/long", "/pair", "/guests", "/off", "/set/of"]
            .iter()
            .any(|it| path.starts_with(it))
        {
            continue;
        }
        let Ok(Node::Leaf(leaf)) = ukstore::lookup(&path) else { panic!("{path}: no leaf") };
        assert_eq!((child["kind"].as_str(), child["help"].as_str()), (Some(leaf.kind().name()), Some(leaf.help())));
        match leaf.read() {
            Ok(value) if !child["value"].is_object() => assert_eq!(child["value"], expected(value), "{path}"),
            Ok(_) | Err(ukstore::Error::NotOneValue) => assert!(!child["value"].is_null(), "{path}"),
            Err(_) => {
                assert!(child["value"].is_null() && child["absent"].is_string(), "{path}: {child}");
                continue;
            }
        }
        let mut alone = json(&escaped(&path));
        alone["name"] = child["name"].clone();
        assert_eq!(alone, child, "{path}");
    }
}

fn expected(value: Value) -> Json {
    let text = match value {
        Value::U64(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        Value::F64(number) if number.is_infinite() => "\"+Inf\"".to_owned(),
        Value::F64(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Nanos(nanos) => {
            let seconds = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
            seconds.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Value::Word(word) => format!("\"{}\"", word.as_str()),
        Value::Absent => "null".to_owned(),
    };
    serde_json::from_str(&text).expect("JSON")
}
