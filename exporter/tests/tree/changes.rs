//! What changes while a reply is half sent: it stays whole, tells of one instant where it must, and holds nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use exporter::http::{Connection, Timeouts};
use proptest::prelude::*;

use crate::client::{FORMS, HTML, JSON, TEXT, request};
use crate::declared::{CHANGING, GUESTS, Guest, PAIR, alone, populate};
use crate::harness::{FakeSite, PEER, next_reply};

/// A connection that has asked for something and takes the reply when told to.
struct Client {
    connection: Connection,
    site: FakeSite,
    output: Vec<u8>,
}

impl Client {
    fn asks(target: &str, form: &str) -> Self {
        populate();
        let site = FakeSite::default();
        let mut connection = Connection::new(Timeouts::DEFAULT);
        connection.open(0, PEER);
        let request = request(target, form, "1.1");
        assert_eq!(connection.receive(0, request.as_bytes(), &site), request.len());
        Self { connection, site, output: Vec::new() }
    }

    /// Takes `bytes` more. Whether there is more.
    fn takes(&mut self, bytes: usize) -> bool {
        let mut out = vec![0; bytes];
        let len = self.connection.transmit(0, &mut out, &self.site);
        self.output.extend_from_slice(&out[..len]);
        self.connection.wants_to_write()
    }

    /// Takes all the rest, `bytes` at a time; between, `meanwhile` runs.
    fn takes_all(mut self, bytes: usize, mut meanwhile: impl FnMut()) -> String {
        while self.takes(bytes) {
            meanwhile();
        }
        let (reply, rest) = next_reply(&self.output, false);
        assert_eq!((reply.status, rest.len()), (200, 0));
        reply.body
    }
}

fn parse(body: &str) -> serde_json::Value {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[test]
fn a_group_is_of_one_instant_though_it_is_sent_in_pieces() {
    populate();
    let both = || {
        PAIR.update(|pair| {
            pair.one.inc();
            pair.other.inc();
        });
    };
    for bytes in [1, 10, 60, 400] {
        let body = Client::asks("/pair", JSON).takes_all(bytes, both);
        let children = &parse(&body)["children"];
        assert_eq!(children[0]["value"], children[1]["value"], "{body}");
        let body = Client::asks("/pair", TEXT).takes_all(bytes, both);
        let numbers: BTreeSet<&str> = body.lines().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(numbers.len(), 1, "{body}");
    }
}

#[test]
fn a_client_that_stalls_keeps_no_object_and_holds_up_nobody() {
    let _alone = alone();
    populate();
    for (target, form) in
        FORMS.iter().flat_map(|form| [("/guests", form), ("/guests/guest", form), ("/guests/guest/visits_total", form)])
    {
        let alive = Arc::new(());
        let guest = GUESTS.add("guest", Guest { alive: alive.clone(), ..Guest::default() });
        let mut client = Client::asks(target, form);
        // The head and the beginning of the body are out; the rest waits for the client.
        assert!(client.takes(230) || *form == TEXT, "{target} {form}");
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(guest);
        assert_eq!(Arc::strong_count(&alive), 1, "{target} {form}: somebody holds it");
        // Its name is free, and whoever asks now is answered.
        let next = GUESTS.add("guest", Guest::default());
        assert_eq!(Client::asks("/guests", TEXT).takes_all(4_096, || ()), "guest/\n");
        drop(next);
        let body = client.takes_all(100, || ());
        match *form {
            JSON => drop(parse(&body)),
            HTML => assert!(body.ends_with("</body>\n</html>\n"), "{body}"),
            _ => assert!(body.ends_with('\n') || body.is_empty(), "{body}"),
        }
    }
}

#[test]
fn a_leaf_that_goes_before_it_is_read_is_said_to_be_gone() {
    let _alone = alone();
    for (form, says) in
        [(JSON, "\"absent\":\"gone\",\"value\":null}\n"), (TEXT, "gone\n"), (HTML, "<pre>\ngone</pre>\n")]
    {
        let guest = GUESTS.add("guest", Guest::default());
        let mut client = Client::asks("/guests/guest/visits_total", form);
        assert!(client.takes(1), "the head has just begun");
        drop(guest);
        let body = client.takes_all(1_460, || ());
        assert!(body.contains(says), "{body}");
    }
}

#[test]
fn words_that_change_while_they_are_sent_end_in_a_line() {
    let _alone = alone();
    populate();
    for (before, after) in [("a long text without an end", "short\n"), ("short\n", "a longer text"), ("äöü€", "aä€")]
    {
        for taken in 200..260 {
            CHANGING.set(before);
            let mut client = Client::asks("/long/changing", TEXT);
            client.takes(taken);
            CHANGING.set(after);
            let body = client.takes_all(1, || ());
            assert!(body.ends_with('\n'), "{body:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Objects come, go and take each other's names: the listing stays JSON, tells none twice, and all that stay.
    #[test]
    fn objects_that_come_and_go_leave_a_listing_whole(
        changes in prop::collection::vec((0_usize..8, prop::sample::select(&["a", "b", "a_2", "ä <"][..])), 1..60),
        bytes in 1_usize..200,
    ) {
        let _alone = alone();
        let _stays = ["first", "second"].map(|name| GUESTS.add(name, Guest::default()));
        let mut guests = Vec::new();
        let mut changes = changes.into_iter();
        let body = Client::asks("/guests", JSON).takes_all(bytes, || {
            let Some((at, name)) = changes.next() else { return };
            if at < guests.len() {
                guests.swap_remove(at);
            } else {
                guests.push(GUESTS.add(name, Guest::default()));
            }
        });
        let listing = parse(&body);
        let names: Vec<&str> = listing["children"].as_array().expect("children").iter().map(|it| it["name"].as_str().expect("a name")).collect();
        let distinct: BTreeSet<&str> = names.iter().copied().collect();
        prop_assert_eq!(distinct.len(), names.len(), "{}", body);
        prop_assert!(distinct.contains("first") && distinct.contains("second"), "{}", body);
    }
}
