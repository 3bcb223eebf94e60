//! `/ukstore/…`: which targets are paths, and what the replies to them say besides the body.

use crate::harness::{FakeSite, get};
use exporter::http::Closing;

fn ask_for(method: &str, target: &str) -> (crate::harness::Reply, Closing) {
    get(&FakeSite::default(), &format!("{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n"))
}

#[test]
fn paths_that_are_refused_say_why() {
    let longest = format!("/ukstore/{}", "a".repeat(254));
    for (target, status, sentence) in [
        ("/ukstore/%", 400, "hexadecimal"),
        ("/ukstore/a%4", 400, "hexadecimal"),
        ("/ukstore/a%zz", 400, "hexadecimal"),
        ("/ukstore/a%00", 400, "control"),
        ("/ukstore/a%0d%0aX:y", 400, "control"),
        ("/ukstore/%c2%80", 400, "control"),
        ("/ukstore/%ff", 400, "UTF-8"),
        ("/ukstore/%c0%af", 400, "UTF-8"),
        ("/ukstore//", 400, "empty name"),
        ("/ukstore/a//b", 400, "empty name"),
        ("/ukstore/test?b=c", 400, "query"),
        ("/ukstore?b", 400, "query"),
        ("/ukstore/a%2Fb", 404, "no such"),
        ("/ukstore/%252F", 404, "no such"),
        ("/ukstore/../etc/passwd", 404, "no such"),
        ("/ukstore/nothing/here", 404, "no such"),
        ("/ukstore/nothing/here/", 404, "no such"),
        ("/ukstore/a?", 404, "no such"),
        ("/ukstorey", 404, "no such"),
        ("/%75kstore/", 404, "no such"),
        ("/UKSTORE/", 404, "no such"),
        (&longest, 404, "no such"),
        (&format!("{longest}/"), 404, "no such"),
        (&format!("{longest}a"), 414, "255 bytes"),
        (&format!("{longest}%61"), 414, "255 bytes"),
    ] {
        let (reply, closing) = ask_for("GET", target);
        assert_eq!((reply.status, closing), (status, Closing::Open), "{target}: {}", reply.body);
        assert!(reply.body.contains(sentence), "{target}: {}", reply.body);
        let (of_head, _) = ask_for("HEAD", target);
        assert_eq!((of_head.status, of_head.headers), (reply.status, reply.headers), "{target}");
    }
}

#[test]
fn other_methods_are_told_what_there_is() {
    for (target, allow) in [
        ("/ukstore", "GET, HEAD, OPTIONS"),
        ("/ukstore/test/", "GET, HEAD, OPTIONS"),
        ("/ukstore/test/steps_total", "GET, HEAD, OPTIONS"),
        ("/ukstore/test/limit", "GET, HEAD, PUT, OPTIONS"),
    ] {
        let (reply, closing) = ask_for("DELETE", target);
        assert_eq!((reply.status, closing), (405, Closing::Open), "{target}");
        assert_eq!(reply.header("allow"), Some(allow), "{target}");
        assert!(reply.body.contains(&allow[..9]), "{}", reply.body);
    }
}

#[test]
fn caches_are_told_what_replies_depend_on() {
    for (target, varies) in [
        ("/ukstore/", true),
        ("/ukstore/test/limit", true),
        ("/ukstore/a", false),
        ("/ukstore//", false),
        ("/-/ready", false),
    ] {
        for method in ["GET", "HEAD"] {
            let (reply, _) = ask_for(method, target);
            assert_eq!(reply.header("vary"), varies.then_some("Accept"), "{method} {target}");
        }
    }
}
