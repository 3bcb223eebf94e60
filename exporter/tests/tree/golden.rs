//! Text and JSON, word for word: every kind of leaf and every kind of directory.

use crate::client::{JSON, TEXT, reply, show};

#[test]
fn directories_as_text() {
    for (target, golden) in [
        ("", "all/\nguests/\nlong/\nmanagement/\noff/\npair/\nscrape/\nset/\nsinks/\ntest/\nukstore/\n"),
        (
            "/all",
            "absent -\nbuild version=\"1.0\" arch=\"x<86>\"\nbusy_seconds_total 1.25\ncache/\ndeep/\ndepth_bytes -11\n\
             doors_total/left 0\ndoors_total/right 1\nendless +Inf\ngreeting hello\nidle_seconds 60\nlimit 64\n\
             phase busy\nshare_ratio 0.1\nsteps_total 3\nwait_seconds count=3 sum=61.001500001\n\
             words <b>\"quoted\" & 'more'</b>  second [2J line\\ \nworkers/\nyes true\n",
        ),
        ("/all/deep", "er/\n"),
        ("/all/deep/er/", "most_total 18446744073709551615\n"),
        ("/all/doors_total", "left 0\nright 1\n"),
        ("/all/cache", "hits_total 5\nlookups_total/get 0\nlookups_total/put 7\n"),
        ("/all/cache/lookups_total", "get 0\nput 7\n"),
        ("/all/workers", "the <one> & _only_/\n"),
        (WORKER, "done_total 0\ndropped_total/full 0\ndropped_total/late 2\n"),
        (&format!("{WORKER}/dropped_total"), "full 0\nlate 2\n"),
        (
            "/ukstore/sources",
            "all true\nguests true\nlong true\nmanagement true\noff true\npair true\nscrape true\nset true\nsinks true\n\
             test true\nukstore true\n",
        ),
    ] {
        // A source of the tests that switch it may be off just now.
        assert_eq!(show(target, TEXT).replace("off false", "off true"), golden, "{target}");
    }
}

const WORKER: &str = "/all/workers/the%20%3Cone%3E%20%26%20_only_";

#[test]
fn leaves_as_text() {
    for (target, golden) in [
        ("/all/steps_total", "3\n"),
        ("/all/busy_seconds_total", "1.25\n"),
        ("/all/deep/er/most_total", "18446744073709551615\n"),
        ("/all/depth_bytes", "-11\n"),
        ("/all/doors_total/right", "1\n"),
        ("/all/wait_seconds", "le 0.001 1\nle 1 2\nle +Inf 3\nsum 61.001500001\ncount 3\n"),
        ("/all/share_ratio", "0.1\n"),
        ("/all/endless", "+Inf\n"),
        ("/all/yes", "true\n"),
        ("/all/phase", "busy\n"),
        ("/all/build", "version=\"1.0\"\narch=\"x<86>\"\n"),
        ("/all/words", crate::declared::WORDS),
        ("/all/cache/hits_total", "5\n"),
        ("/all/cache/lookups_total/put", "7\n"),
        (&format!("{WORKER}/dropped_total/late"), "2\n"),
        ("/all/limit", "64\n"),
        ("/all/idle_seconds", "60\n"),
        ("/all/greeting", "hello\n"),
        ("/ukstore/sources/all", "true\n"),
    ] {
        assert_eq!(show(target, TEXT), golden, "{target}");
    }
    let absent = reply("/all/absent", TEXT);
    assert_eq!((absent.status, absent.body.contains("no value")), (503, true), "{}", absent.body);
}

#[test]
fn leaves_as_json() {
    for (target, golden) in [
        (
            "/all/steps_total",
            r#"{"path":"/all/steps_total","kind":"counter","metric":"all_steps_total","help":"A counter.","type":"u64","value":3}"#,
        ),
        (
            "/all/busy_seconds_total",
            r#"{"path":"/all/busy_seconds_total","kind":"counter","unit":"seconds","metric":"all_busy_seconds_total","help":"A counter of durations.","type":"duration","value":1.25}"#,
        ),
        (
            "/all/depth_bytes",
            r#"{"path":"/all/depth_bytes","kind":"gauge","unit":"bytes","metric":"all_depth_bytes","help":"A gauge below zero.","type":"i64","value":-11}"#,
        ),
        (
            "/all/doors_total/right",
            r#"{"path":"/all/doors_total/right","kind":"counter","metric":"all_doors_total","labels":{"side":"right"},"help":"A family with two series.","type":"u64","value":1}"#,
        ),
        (
            "/all/wait_seconds",
            r#"{"path":"/all/wait_seconds","kind":"histogram","unit":"seconds","metric":"all_wait_seconds","help":"Three observations.","type":"histogram","value":{"buckets":[[0.001,1],[1,2],["+Inf",3]],"sum":61.001500001,"count":3}}"#,
        ),
        (
            "/all/share_ratio",
            r#"{"path":"/all/share_ratio","kind":"gauge","unit":"ratio","metric":"all_share_ratio","help":"A share.","type":"f64","value":0.1}"#,
        ),
        (
            "/all/endless",
            r#"{"path":"/all/endless","kind":"gauge","metric":"all_endless","help":"More than any number.","type":"f64","value":"+Inf"}"#,
        ),
        (
            "/all/yes",
            r#"{"path":"/all/yes","kind":"gauge","metric":"all_yes","help":"Yes or no.","type":"bool","value":true}"#,
        ),
        (
            "/all/phase",
            r#"{"path":"/all/phase","kind":"stateset","metric":"all_phase","help":"What there is to do.","type":"enum","value":"busy"}"#,
        ),
        (
            "/all/build",
            r#"{"path":"/all/build","kind":"info","metric":"all_build_info","help":"What was built.","type":"labels","value":{"version":"1.0","arch":"x<86>"}}"#,
        ),
        (
            "/all/words",
            r#"{"path":"/all/words","kind":"text","help":"Words that HTML and JSON must escape.","type":"text","value":"<b>\"quoted\" & 'more'</b>\n\u0009second\u001b[2J line\\\n"}"#,
        ),
        (
            "/all/cache/lookups_total/put",
            r#"{"path":"/all/cache/lookups_total/put","kind":"counter","help":"Lookups by kind.","type":"u64","value":7}"#,
        ),
        (
            &format!("{WORKER}/dropped_total/late"),
            r#"{"path":"/all/workers/the <one> & _only_/dropped_total/late","kind":"counter","metric":"all_worker_dropped_total","labels":{"worker":"the <one> & _only_","reason":"late"},"help":"Pieces of work dropped.","type":"u64","value":2}"#,
        ),
        (
            "/all/limit",
            r#"{"path":"/all/limit","kind":"setting","metric":"all_limit","accepts":"1 to 1000","help":"A number within limits.","type":"u64","value":64}"#,
        ),
        (
            "/all/greeting",
            r#"{"path":"/all/greeting","kind":"setting","accepts":"a text of at most 64 bytes","help":"A text.","type":"text","value":"hello"}"#,
        ),
        (
            "/ukstore/sources/all",
            r#"{"path":"/ukstore/sources/all","kind":"setting","help":"Whether this source is told at all.","type":"bool","value":true}"#,
        ),
    ] {
        assert_eq!(show(target, JSON), format!("{golden}\n"), "{target}");
    }
}

#[test]
fn directories_as_json() {
    for (target, golden) in [
        (
            "/all/deep/",
            "{\"path\":\"/all/deep\",\"kind\":\"directory\",\"children\":[\n\
             {\"name\":\"er\",\"path\":\"/all/deep/er\",\"kind\":\"directory\"}\n]}\n",
        ),
        (
            "/all/workers",
            "{\"path\":\"/all/workers\",\"kind\":\"directory\",\"help\":\"Workers.\",\"children\":[\n\
             {\"name\":\"the <one> & _only_\",\"path\":\"/all/workers/the <one> & _only_\",\"kind\":\"directory\"}\n]}\n",
        ),
        (
            "/all/cache",
            "{\"path\":\"/all/cache\",\"kind\":\"directory\",\"help\":\"A cache.\",\"children\":[\n\
             {\"name\":\"hits_total\",\"path\":\"/all/cache/hits_total\",\"kind\":\"counter\",\
             \"metric\":\"all_cache_hits_total\",\"help\":\"Lookups that found something.\",\"type\":\"u64\",\"value\":5},\n\
             {\"name\":\"lookups_total/get\",\"path\":\"/all/cache/lookups_total/get\",\"kind\":\"counter\",\
             \"help\":\"Lookups by kind.\",\"type\":\"u64\",\"value\":0},\n\
             {\"name\":\"lookups_total/put\",\"path\":\"/all/cache/lookups_total/put\",\"kind\":\"counter\",\
             \"help\":\"Lookups by kind.\",\"type\":\"u64\",\"value\":7}\n]}\n",
        ),
    ] {
        assert_eq!(show(target, JSON), golden, "{target}");
    }
    let listing = show("/all", JSON);
    for child in [
        r#"{"name":"absent","path":"/all/absent","kind":"gauge","metric":"all_absent","help":"Not known now.","absent":"no value at present","value":null}"#,
        r#"{"name":"wait_seconds","path":"/all/wait_seconds","kind":"histogram","unit":"seconds","metric":"all_wait_seconds","help":"Three observations.","type":"histogram","value":{"buckets":[[0.001,1],[1,2],["+Inf",3]],"sum":61.001500001,"count":3}}"#,
        r#"{"name":"doors_total/left","path":"/all/doors_total/left","kind":"counter","metric":"all_doors_total","labels":{"side":"left"},"help":"A family with two series.","type":"u64","value":0}"#,
    ] {
        assert!(listing.contains(&format!("\n{child}")), "{listing}");
    }
}
