//! A source that is off: its leaves are refused with the reason, and listings say so, in every form.

use ukstore::Value;

use crate::client::{FORMS, HTML, JSON, TEXT, json, put, reply, show};

ukstore::computed! {
    /// A number.
    gauge "/off/number", "off_number" => prompt || Value::U64(1);
}
ukstore::group! {
    /// Two numbers.
    static BOTH: struct Both = "/off/both" {
        /// One.
        counter one = "one_total";
    }
}
ukstore::setting! {
    /// Stays readable.
    static KEPT: bool = true, "/off/kept";
}

#[test]
fn it_is_switched_over_http_and_says_so() {
    BOTH.one.add(KEPT.get().into());
    let on = "number 1\n";
    assert!(show("/off", TEXT).contains(on));
    assert_eq!(put("/ukstore/sources/off", "maybe").0, 400);
    assert_eq!(put("/ukstore/sources/nothing", "off").0, 404);
    assert_eq!(put("/ukstore/sources/off", "off\n").0, 204);
    assert_eq!(show("/ukstore/sources/off", TEXT), "false\n");
    assert_eq!(json("/ukstore/sources/off")["value"], false);
    for form in FORMS {
        for leaf in ["/off/number", "/off/both/one_total"] {
            let reply = reply(leaf, form);
            assert_eq!((reply.status, reply.body.contains("switched off")), (503, true), "{}", reply.body);
        }
    }
    assert_eq!(show("/off", TEXT), "both/\nkept true\nnumber -\n");
    assert_eq!(show("/off/both", TEXT), "one_total -\n");
    for (path, index) in [("/off", 2), ("/off/both", 0)] {
        let child = &json(path)["children"][index];
        assert_eq!(child["absent"], "its source is switched off", "{child}");
        assert!(child["value"].is_null() && child.get("type").is_none(), "{child}");
    }
    assert!(show("/off", HTML).contains("<td class=\"v\">its source is switched off</td>"));
    assert_eq!(put("/ukstore/sources/off", "on").0, 204);
    assert!(show("/off", TEXT).contains(on));
    assert_eq!(json("/off/number"), serde_json::from_str::<serde_json::Value>(&show("/off/number", JSON)).unwrap());
}
