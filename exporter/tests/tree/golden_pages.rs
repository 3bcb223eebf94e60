//! HTML, word for word but for the style sheet.

use crate::client::{HTML, show};

/// What follows the head of the page.
fn page(target: &str) -> String {
    let page = show(target, HTML);
    let (head, body) = page.split_once("</head>\n<body>\n").expect("a head and a body");
    assert!(head.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"), "{head}");
    body.strip_suffix("</body>\n</html>\n").expect("an end").to_owned()
}

const TOP: &str = "<h1><a href=\"/\">this machine</a> · <a href=\"/ukstore/\">/</a>";
const TABLE: &str = "<table>\n<tr><th>Name</th><th>Value</th><th>Unit</th><th>What it is</th></tr>\n";

#[test]
fn directories() {
    assert_eq!(
        page("/all/deep/er/"),
        format!(
            "{TOP}<a href=\"/ukstore/all\">all</a>/<a href=\"/ukstore/all/deep\">deep</a>/\
             <a href=\"/ukstore/all/deep/er\">er</a></h1>\n{TABLE}\
             <tr><td><a href=\"/ukstore/all/deep/er/most_total\">most_total</a></td>\
             <td class=\"v\">18446744073709551615</td><td></td><td class=\"h\">The largest of all.</td></tr>\n</table>\n"
        )
    );
    assert_eq!(
        page("/all/workers"),
        format!(
            "{TOP}<a href=\"/ukstore/all\">all</a>/<a href=\"/ukstore/all/workers\">workers</a></h1>\n\
             <p>Workers.</p>\n{TABLE}<tr><td><a href=\"/ukstore/all/workers/the%20%3Cone%3E%20%26%20_only_/\">\
             the &lt;one&gt; &amp; _only_/</a></td><td></td><td></td><td></td></tr>\n</table>\n"
        )
    );
    let listing = page("/all");
    for row in [
        "build</a></td><td class=\"v\">version=1.0<br>arch=x&lt;86&gt;</td><td></td><td class=\"h\">What was built.</td>",
        "absent</a></td><td class=\"v\">no value at present</td><td></td><td class=\"h\">Not known now.</td>",
        "wait_seconds</a></td><td class=\"v\">3 observed</td><td>seconds</td><td class=\"h\">Three observations.</td>",
        "phase</a></td><td class=\"v\">busy</td><td></td><td class=\"h\">What there is to do.</td>",
        "deep/</a></td><td></td><td></td><td></td>",
        "words</a></td><td class=\"v\">&lt;b&gt;&quot;quoted&quot; &amp; &#39;more&#39;&lt;/b&gt;  second [2J line\\ </td>",
    ] {
        assert!(listing.contains(row), "{row} is not in\n{listing}");
    }
}

#[test]
fn leaves() {
    let all = format!("{TOP}<a href=\"/ukstore/all\">all</a>/<a href=\"/ukstore/all");
    assert_eq!(
        page("/all/depth_bytes"),
        format!(
            "{all}/depth_bytes\">depth_bytes</a></h1>\n<p>A gauge below zero.</p>\n<pre>\n-11</pre>\n\
             <table class=\"sheet\">\n<tr><th>Kind</th><td>gauge</td></tr>\n<tr><th>Unit</th><td>bytes</td></tr>\n\
             <tr><th>Metric</th><td>all_depth_bytes</td></tr>\n</table>\n"
        )
    );
    assert_eq!(
        page("/all/doors_total/left"),
        format!(
            "{all}/doors_total\">doors_total</a>/<a href=\"/ukstore/all/doors_total/left\">left</a></h1>\n\
             <p>A family with two series.</p>\n<pre>\n0</pre>\n<table class=\"sheet\">\n\
             <tr><th>Kind</th><td>counter</td></tr>\n\
             <tr><th>Metric</th><td>all_doors_total{{side=&quot;left&quot;}}</td></tr>\n</table>\n"
        )
    );
    assert_eq!(
        page("/all/limit"),
        format!(
            "{all}/limit\">limit</a></h1>\n<p>A number within limits.</p>\n<pre>\n64</pre>\n<table class=\"sheet\">\n\
             <tr><th>Kind</th><td>setting</td></tr>\n<tr><th>Metric</th><td>all_limit</td></tr>\n\
             <tr><th>Accepts</th><td>1 to 1000</td></tr>\n<tr><th>Last written</th><td>never</td></tr>\n</table>\n\
             <p>Set it with <code>curl -X PUT --data VALUE http://…/ukstore/all/limit</code>, \
             if this machine takes writes (<code>--monitor-adjust</code>).</p>\n"
        )
    );
    for (target, shown) in [
        ("/all/wait_seconds", "at most 0.001: 1\nat most 1: 2\nat most any: 3\nsum: 61.001500001"),
        ("/all/build", "version=1.0\narch=x&lt;86&gt;"),
        ("/all/yes", "true"),
        ("/all/words", "&lt;b&gt;&quot;quoted&quot; &amp; &#39;more&#39;&lt;/b&gt;\n\tsecond\u{1b}[2J line\\\n"),
        ("/long/lines", "\n\r\n\n&lt;x&gt;"),
    ] {
        let page = page(target);
        assert!(page.contains(&format!("<pre>\n{shown}</pre>\n")), "{page}");
    }
    let fault = page("/test/drop");
    assert!(fault.contains("(<code>--monitor-adjust</code>) and faults (<code>--debug-faults=on</code>)."), "{fault}");
}
