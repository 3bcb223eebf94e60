//! Links: whoever follows them from the landing page comes to everything there is, and never to an error.

use std::collections::BTreeSet;

use crate::declared::populate;
use crate::harness::{FakeSite, get};

fn links(page: &str) -> Vec<String> {
    page.split("href=\"").skip(1).map(|rest| rest.split('"').next().expect("an end").to_owned()).collect()
}

#[test]
fn every_link_leads_to_something_and_every_leaf_has_one() {
    populate();
    let (mut seen, mut todo) = (BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(target) = todo.pop() {
        // Objects of the other tests come and go.
        if target.starts_with("/ukstore/guests/") || !seen.insert(target.clone()) {
            continue;
        }
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
        let (reply, _) = get(&FakeSite::default(), &request);
        let absent = ["/ukstore/all/absent", "/ukstore/off/number"].contains(&target.as_str());
        assert!(reply.status == 200 || (absent && reply.status == 503), "{target}: {} {}", reply.status, reply.body);
        todo.extend(links(&reply.body));
    }
    for entry in ukstore::entries() {
        let path = format!("/ukstore{}", entry.path());
        let reached = seen.iter().any(|target| *target == path || target.starts_with(&format!("{path}/")));
        assert!(reached || path.ends_with("/series_folded_total") || path == "/ukstore/guests", "{path}");
    }
    for target in [
        "/metrics",
        "/log",
        "/ukstore/all/doors_total/left",
        "/ukstore/all/cache/lookups_total/put",
        "/ukstore/all/workers/the%20%3Cone%3E%20%26%20_only_/dropped_total/late",
        "/ukstore/ukstore/sources/all",
    ] {
        assert!(seen.contains(target), "{target}");
    }
}
