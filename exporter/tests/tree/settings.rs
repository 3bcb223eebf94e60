//! `PUT` of every type of setting, and what `GET` tells of it afterwards.

use std::time::Duration;

use crate::client::{HTML, TEXT, json, put, show};
use crate::declared::Phase;

ukstore::setting! {
    /// A number within limits.
    static UNSIGNED: u64 = 1, in 1..=1_000, "/set/of/unsigned";
    /// A number below zero.
    static SIGNED: i64 = 0, "/set/of/signed";
    /// A float.
    static FLOAT: f64 = 0.5, "/set/of/float";
    /// Yes or no.
    static YES: bool = false, "/set/of/yes";
    /// A duration.
    static TIMEOUT: Duration = Duration::from_secs(1), "/set/of/timeout_seconds", Seconds;
    /// One of some words.
    static CHOICE: Phase = Phase::Idle, "/set/of/choice";
    /// A text.
    static LINE: text(16) = "", "/set/of/line";
}

#[test]
fn every_type_is_written_and_says_by_whom_and_when() {
    for (name, written, value, refused) in [
        ("unsigned", "7\n", "7", "1001"),
        ("signed", "-9223372036854775808", "-9223372036854775808", "9223372036854775808"),
        ("float", "0.1", "0.1", "much"),
        ("yes", "true", "true", "maybe"),
        ("timeout_seconds", "1.5s", "1.5", "soon"),
        ("choice", "busy", "\"busy\"", "lazy"),
        ("line", "a \"b\" <c>", "\"a \\\"b\\\" <c>\"", "longer than sixteen bytes"),
    ] {
        let target = format!("/set/of/{name}");
        let before = json(&target);
        assert!(before.get("written_by").is_none() && before["accepts"].is_string(), "{before}");
        assert!(show(&target, HTML).contains("<th>Last written</th><td>never</td>"));
        assert_eq!(put(&target, written), (204, String::new()), "{name}");
        let (status, why) = put(&target, refused);
        assert_eq!((status, why.starts_with("400 Bad Request: ")), (400, true), "{name}: {why}");
        for after in [json(&target), child(name)] {
            assert_eq!(after["value"].to_string(), value);
            assert_eq!(
                (after["written_by"].as_str(), after["written_at_seconds"].as_f64()),
                (Some("10.0.0.7"), Some(12.5))
            );
        }
        assert!(show(&target, HTML).contains("<th>Last written</th><td>by 10.0.0.7, 12.5 seconds after boot</td>"));
    }
    assert_eq!((UNSIGNED.get(), SIGNED.get(), FLOAT.get(), YES.get()), (7, i64::MIN, 0.1, true));
    assert_eq!(
        (TIMEOUT.get(), CHOICE.get(), LINE.get().as_str()),
        (Duration::from_millis(1_500), Phase::Busy, "a \"b\" <c>")
    );
    assert_eq!(show("/set/of/choice", TEXT), "busy\n");
}

/// The setting in its directory's listing.
fn child(name: &str) -> serde_json::Value {
    let listing = json("/set/of");
    let children = listing["children"].as_array().expect("children");
    children.iter().find(|child| child["name"] == name).expect("it is listed").clone()
}
