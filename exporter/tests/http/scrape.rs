//! `/metrics`: how its query is read, and what its replies say of what is sent.

use crate::harness::{FakeSite, Reply, get};
use exporter::http::Closing;

fn scrape(target: &str, accept: &str) -> (Reply, Closing) {
    get(&FakeSite::default(), &format!("GET {target} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\n\r\n"))
}

#[test]
fn queries_that_are_refused_say_why() {
    let names = |count| (0..count).map(|_| "name[]=nothing&").collect::<String>();
    for (query, status, sentence) in [
        ("", 200, ""),
        ("&", 200, ""),
        ("name[]=nothing", 200, ""),
        ("name%5B%5D=nothing&collect%5b%5d=test", 200, ""),
        (&names(32), 200, ""),
        (&names(33), 400, "32"),
        ("collect[]=nothing", 400, "/ukstore/ukstore/sources/"),
        ("name[]=nothing&target=10.0.0.1", 400, "name[]=METRIC and collect[]=SOURCE"),
        ("name[]", 400, "name[]=METRIC and collect[]=SOURCE"),
        ("name[]=%zz", 400, "name[]=METRIC and collect[]=SOURCE"),
    ] {
        let (reply, closing) = scrape(&format!("/metrics?{query}"), "*/*");
        assert_eq!((reply.status, closing), (status, Closing::Open), "{query}: {}", reply.body);
        assert!(reply.body.contains(sentence), "{query}: {}", reply.body);
        assert_eq!(reply.header("vary"), (status == 200).then_some("Accept"), "{query}");
    }
}
