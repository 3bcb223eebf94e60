//! Settings are written from the management network where that is enabled, by whom is known, and nowhere else.

use tests::http::Response;
use tests::{Guest, Machine, Network, Side, exposition, on_every_machine};

const LIMIT: &str = "/ukstore/guest/settings/limit";
const HARM: &str = "/ukstore/guest/faults/harm";
const LEVELS: &str = "/ukstore/log/levels";
const SHARE: &str = "/ukstore/management/cpu_share_percent";

fn boot(machine: Machine, parameters: &str) -> Guest {
    let guest = Guest::boot(machine, "guest").network(Network::best()).parameters(parameters).words("settings").start();
    let _ = guest.line("settings: limit 64, manner Calm, greeting hello, harm 0");
    let _ = guest.scrape(); // from here on it answers
    guest
}

/// Writes, on a connection of its own: a refusal may end it.
fn put(guest: &Guest, path: &str, text: &str) -> Response {
    guest.management().put(path, text).expect("an answer")
}

/// Writes, and has to be refused with this status and these words.
fn refused(guest: &Guest, path: &str, text: &str, status: u16, words: &str) {
    let answer = put(guest, path, text);
    assert_eq!(answer.status, status, "{path} took `{text}`: {}", answer.text());
    assert!(answer.text().contains(words), "no `{words}` for `{text}` to {path} in: {}", answer.text());
}

fn text(guest: &Guest, path: &str) -> String {
    let answer = guest.management().get(path).expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

fn json(guest: &Guest, path: &str) -> String {
    let mut connection = guest.management();
    let request = format!("GET {path} HTTP/1.1\r\nHost: guest\r\nAccept: application/json\r\n\r\n");
    connection.send(request.as_bytes()).expect("it is open");
    let answer = connection.receive(false).expect("an answer");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{path}: {}", answer.text());
    answer.text()
}

on_every_machine! {
    fn nothing_is_written_unless_told_so(machine: Machine) {
        let guest = boot(machine, "--debug-faults=on");
        for path in [LIMIT, HARM, LEVELS, "/ukstore/ukstore/sources/net"] {
            refused(&guest, path, "1", 403, "--monitor-adjust");
        }
        assert_eq!(text(&guest, LIMIT).trim(), "64");
        assert!(!json(&guest, LIMIT).contains("written_by"));
    }

    fn what_is_written_holds(machine: Machine) {
        let guest = boot(machine, "--monitor-adjust");
        let mut connection = guest.management();
        for (path, word) in [(LIMIT, "100"), ("/ukstore/guest/settings/manner", "hasty\n"), ("/ukstore/guest/settings/greeting", "good day")] {
            let answer = connection.put(path, word).unwrap();
            assert_eq!((answer.status, answer.text().as_str()), (204, ""), "{path}");
            assert_eq!(connection.get(path).unwrap().text().trim(), word.trim());
        }
        // The program reads it, the exposition tells it, and the log says who did it.
        let _ = guest.line("settings: limit 100, manner Hasty, greeting good day, harm 0");
        assert_eq!(exposition::value(&guest.scrape(), "guest_setting_limit"), Some(100.0));
        let writer = guest.network().host_address(Side::Management);
        let _ = guest.line(&format!("setting /guest/settings/limit set by {writer}"));
        let told = json(&guest, LIMIT);
        assert!(told.contains(&format!("\"written_by\":\"{writer}\"")), "{told}");
        assert!(told.contains("\"written_at_seconds\":") && told.contains("\"value\":100"), "{told}");
    }

    fn what_cannot_be_is_refused_with_the_reason(machine: Machine) {
        let guest = boot(machine, "--monitor-adjust");
        for (path, text, words) in [
            (LIMIT, "0", "out of range: 1 to 1000"),
            (LIMIT, "1001", "out of range: 1 to 1000"),
            (LIMIT, "many", "not a number"),
            (LIMIT, "", "not a number"),
            ("/ukstore/guest/settings/manner", "Calm", "not one of calm or hasty"),
            ("/ukstore/guest/settings/greeting", "seventeen letters", "longer than 16 bytes"),
            (LEVELS, "loud", "unknown level"),
            (SHARE, "91", "out of range: 1 to 90"),
        ] {
            refused(&guest, path, text, 400, words);
        }
        refused(&guest, "/ukstore/guest/settings/nothing", "1", 404, "");
        refused(&guest, "/ukstore/memory/heap/used_bytes", "1", 405, "");
        refused(&guest, "/ukstore/guest/settings/", "1", 405, "");
        refused(&guest, HARM, "1", 403, "--debug-faults=on");
        assert_eq!(text(&guest, LIMIT).trim(), "64");
        assert_eq!(text(&guest, HARM).trim(), "0");
        assert!(!guest.serial.text().contains(" set by "), "nothing was set:\n{}", guest.serial.text());
    }

    fn faults_need_a_word_more(machine: Machine) {
        let guest = boot(machine, "--monitor-adjust --debug-faults=on");
        assert_eq!(put(&guest, HARM, "50").status, 204);
        let _ = guest.line("settings: limit 64, manner Calm, greeting hello, harm 50");
        refused(&guest, HARM, "101", 400, "out of range: 0 to 100");
    }

    fn the_kernel_s_own_hold_at_once(machine: Machine) {
        let guest = boot(machine, "--monitor-adjust --management-cpu=10% --logs=info,guest:warning");
        // What the boot parameters said is there, and by whom.
        assert_eq!(text(&guest, SHARE).trim(), "10");
        assert_eq!(text(&guest, LEVELS).trim(), "info,guest:warning");
        for path in [SHARE, LEVELS] {
            let told = json(&guest, path);
            assert!(told.contains("\"written_by\":\"boot\""), "{told}");
        }
        assert_eq!(put(&guest, SHARE, "25").status, 204);
        assert_eq!(text(&guest, SHARE).trim(), "25");
        assert_eq!(put(&guest, LEVELS, "debug").status, 204);
        assert_eq!(text(&guest, LEVELS).trim(), "debug");
        // From now on the coming and going of threads is told.
        let _ = guest.line("setting /log/levels set by");
        assert_eq!(put(&guest, LEVELS, "quiet").status, 204);
        assert_eq!(put(&guest, LIMIT, "65").status, 204);
        let unheard = guest.serial.wait_for("limit 65", std::time::Duration::from_millis(300));
        assert_eq!(unheard, None, "quiet is quiet");
        assert_eq!(put(&guest, LEVELS, "app").status, 204);
        assert_eq!(put(&guest, LIMIT, "66").status, 204);
        let _ = guest.line("settings: limit 66");
    }

    fn the_default_program_s_greeting_can_be_changed(machine: Machine) {
        let guest = Guest::boot(machine, "web").network(Network::best()).parameters("--monitor-adjust").start();
        let greeting = guest.get(Side::Service, "/").text();
        let _ = guest.scrape(); // from here on management answers
        assert_eq!(text(&guest, "/ukstore/web/greeting"), greeting);
        assert_eq!(put(&guest, "/ukstore/web/greeting", "Good evening.\n").status, 204);
        assert_eq!(guest.get(Side::Service, "/").text(), "Good evening.\n");
    }

    fn a_source_can_be_switched_off(machine: Machine) {
        let guest = boot(machine, "--monitor-adjust");
        let has = |series: &str| exposition::value(&guest.scrape(), series).is_some();
        assert!(has("uk_heap_used_bytes"));
        assert_eq!(put(&guest, "/ukstore/ukstore/sources/memory", "off").status, 204);
        assert!(!has("uk_heap_used_bytes") && has("uk_uptime_seconds"));
        assert_eq!(put(&guest, "/ukstore/ukstore/sources/memory", "on").status, 204);
        assert!(has("uk_heap_used_bytes"));
    }
}
