//! Jobs that run and end say so, as the healthchecks protocol has it: when they begin, while they live, and how they end.

use std::collections::BTreeSet;

use tests::moody::{Moody, Received, WELL};
use tests::{Guest, Machine, Network, Outcome, PATIENCE, eventually, on_every_machine};

/// Who is told.
const CHECK: &str = "/b9f81c04-5d2c-4f0a-a5c8-000000000001";

/// Boots the program that reports, which ends as `words` say, and lets it.
fn life(machine: Machine, words: &str, outcome: Outcome) -> Vec<Received> {
    let network = Network::best();
    let server = Moody::http(&network, WELL).expect("a server on loopback");
    let parameters = format!("--name=job-1 --ping=http://{}{CHECK} --ping-interval=500ms", server.address());
    let mut guest = Guest::boot(machine, "guest").network(network.clone()).parameters(&parameters).words(words).start();
    let _ = guest.line("reports: ready");
    drop(guest.knock());
    let _ = guest.line("reports: told");
    // It is alive, and says so at the interval.
    let alive = || (server.requests().iter().filter(|request| place(request) == CHECK).count() >= 2).then_some(());
    assert!(eventually(PATIENCE, alive).is_some(), "{:#?}", paths(&server.requests()));
    drop(guest.knock());
    guest.expect_outcome(outcome);
    let requests = server.requests();
    // All of one life, which has an id: so a server ties an end to its start.
    let ids: BTreeSet<_> =
        requests.iter().map(|request| request.path.split_once("?rid=").map_or("", |(_, id)| id)).collect();
    assert!(ids.len() == 1 && ids.iter().all(|id| id.len() == 36), "{ids:?}");
    requests
}

fn paths(requests: &[Received]) -> Vec<String> {
    requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

/// The path without its query.
fn place(request: &Received) -> &str {
    request.path.split('?').next().unwrap_or_default()
}

fn text(request: &Received) -> String {
    String::from_utf8(request.body.clone()).expect("pings are UTF-8")
}

on_every_machine! {
    fn a_job_that_ends_well(machine: Machine) {
        let requests = life(machine, "reports", Outcome::Success);
        let told = paths(&requests);
        assert!(requests.iter().all(|request| place(request).starts_with(CHECK)), "{told:?}");
        assert!(place(&requests[0]).ends_with("/start"), "{told:?}");
        assert_eq!(requests.iter().filter(|request| place(request).ends_with("/start")).count(), 1, "{told:?}");
        // What was wrong in between, once, and nothing else of what the program had to say.
        let between: String = requests.iter().filter(|request| place(request).ends_with("/log")).map(text).collect();
        assert_eq!([between.matches("an error").count(), between.matches("a warning").count()], [1, 1], "{between}");
        assert!(!between.contains("from a thread"), "{between}");
        // And the exit status, which is zero, as the last word.
        assert!(requests.last().is_some_and(|last| place(last) == format!("{CHECK}/0")), "{told:?}");
    }

    fn a_job_that_fails(machine: Machine) {
        let requests = life(machine, "reports fail", Outcome::ProgramError);
        let told = paths(&requests);
        let last = requests.last().expect("there was a start");
        assert!(place(last).ends_with("/fail"), "{told:?}");
        let reason = text(last);
        assert!(reason.contains("as it was told to"), "{reason}");
        assert!(reason.contains("reports: told"), "the last lines of the log: {reason}");
    }
}
