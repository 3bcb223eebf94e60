//! When the client asks, and which answers count.

use super::*;
use crate::sntp::{Client, Ended, Rejected, Sample};

/// A server `delay_ns` away, there and back, answers `request`.
fn answer(client: &mut Client, request: &Request, delay_ns: u64) -> Result<Sample, Rejected> {
    let at = UNIX + request.sent_ns + delay_ns / 2;
    client.receive(&Packet::answer(request, at, at).bytes(), request.sent_ns + delay_ns)
}

/// What is due next, and when.
fn next(client: &mut Client) -> (Request, u64) {
    let at = client.deadline_ns().unwrap();
    (client.request(at, at ^ 0x5555).expect("it is due"), at)
}

/// A round in which every answer takes `delay_ns`; how many were asked for, and when it was over.
fn round(client: &mut Client, delay_ns: u64) -> (u32, u64) {
    let mut asked = 0;
    loop {
        let (request, at) = next(client);
        asked += 1;
        answer(client, &request, delay_ns).unwrap();
        if client.ended(at + delay_ns).is_some() {
            return (asked, at + delay_ns);
        }
    }
}

/// A round without answers; when each request went, and when it was over.
fn silence(client: &mut Client) -> (Vec<u64>, Ended, u64) {
    let mut asked = Vec::new();
    loop {
        asked.push(next(client).1);
        let at = client.deadline_ns().unwrap();
        assert_eq!(client.request(at - 1, 1), None, "one is under way");
        if let Some(ended) = client.ended(at) {
            return (asked, ended, at);
        }
    }
}

#[test]
fn the_first_round_takes_the_quickest_of_four() {
    let mut client = Client::new(SECOND);
    assert_eq!(client.request(0, 1), None, "not yet");
    let mut at = SECOND;
    let mut samples = Vec::new();
    for delay in [9, 3, 5, 4] {
        assert_eq!(client.deadline_ns(), Some(at), "two seconds after the answer before");
        let (request, _) = next(&mut client);
        let sample = answer(&mut client, &request, delay * MILLISECOND).unwrap();
        assert_eq!(answer(&mut client, &request, delay * MILLISECOND), Err(Rejected::Bogus), "it was answered");
        samples.push(sample);
        let done = at + delay * MILLISECOND;
        match client.ended(done) {
            None => at = done + 2 * SECOND,
            Some(ended) => assert_eq!(ended, Ended::Sample(samples[1])),
        }
    }
    assert_eq!(samples.len(), 4);
    let pause = client.deadline_ns().unwrap() - at;
    assert!((15 * SECOND..=16 * SECOND + 5 * MILLISECOND).contains(&pause), "{pause}");
}

#[test]
fn later_rounds_end_with_a_quick_answer() {
    let mut client = Client::new(0);
    assert_eq!(round(&mut client, 4 * MILLISECOND).0, 4);
    assert_eq!(round(&mut client, 6 * MILLISECOND).0, 1, "about as quick");
    assert_eq!(round(&mut client, 9 * MILLISECOND).0, 4, "slow: better ones may follow");
    // The network has changed: after eight rounds that is as quick as it gets.
    for _ in 0..7 {
        round(&mut client, 9 * MILLISECOND);
    }
    assert_eq!(round(&mut client, 9 * MILLISECOND).0, 1);
}

#[test]
fn a_right_clock_is_looked_at_less_often() {
    let mut client = Client::new(0);
    let mut intervals = Vec::new();
    for number in 0..40 {
        let (_, at) = round(&mut client, MILLISECOND);
        client.judge(true, at);
        let pause = client.deadline_ns().unwrap() - at;
        let whole = SECOND << client.interval();
        assert!(pause <= whole && pause >= whole / 16 * 15, "round {number}: {pause}");
        intervals.push(client.interval());
    }
    assert_eq!((intervals[0], intervals[3], intervals[7], intervals[39]), (4, 5, 6, 10));
    let (_, at) = round(&mut client, MILLISECOND);
    client.judge(false, at);
    assert_eq!(client.interval(), 4);
}

#[test]
fn a_silent_server_is_asked_less_and_less() {
    let mut client = Client::new(0);
    let mut over = 0;
    for number in 1..12u8 {
        let (asked, ended, at) = silence(&mut client);
        assert_eq!(ended, Ended::Silence(number));
        let since_first: Vec<u64> = asked.iter().map(|at| (at - asked[0]) / SECOND).collect();
        assert_eq!(since_first, [0, 2, 4, 6]);
        let pause = asked[0] - over;
        if number > 1 {
            let whole = SECOND << (2 + number).min(10);
            assert!(pause <= whole && pause >= whole / 16 * 15, "{number}: {pause}");
        }
        over = at;
    }
    // It is back: what its answers say counts, and the next silence is the first again.
    assert_eq!(round(&mut client, MILLISECOND).0, 4);
    assert_eq!(silence(&mut client).1, Ended::Silence(1));
}

#[test]
fn a_forged_reply_does_not_end_the_wait() {
    let mut client = Client::new(0);
    let (request, _) = next(&mut client);
    let forged = Request { nonce: 1, ..request };
    assert_eq!(answer_as(&mut client, &forged), Err(Rejected::Bogus));
    assert_eq!(client.receive(b"junk", MILLISECOND), Err(Rejected::Malformed));
    assert!(client.is_waiting());
    assert!(answer(&mut client, &request, MILLISECOND).is_ok());
    assert!(!client.is_waiting());
}

fn answer_as(client: &mut Client, request: &Request) -> Result<Sample, Rejected> {
    answer(client, request, MILLISECOND)
}

#[test]
fn a_server_that_wants_fewer_requests_gets_fewer() {
    let mut client = Client::new(0);
    for exponent in [5, 6, 7, 8, 9, 10, 10] {
        let (request, at) = next(&mut client);
        let kiss = Packet { first: 0xe4, stratum: 0, reference: *b"RATE", ..Packet::answer(&request, UNIX, UNIX) };
        assert_eq!(client.receive(&kiss.bytes(), at), Err(Rejected::Refused));
        assert!(matches!(client.ended(at), Some(Ended::Silence(_))), "the round is over");
        assert_eq!(client.interval(), exponent);
        assert!(client.deadline_ns().unwrap() - at >= (SECOND << exponent) / 16 * 15);
    }
    let (_, at) = round(&mut client, MILLISECOND);
    client.judge(false, at);
    assert_eq!(client.interval(), 10, "that is not forgotten");
}

#[test]
fn a_server_that_denies_is_never_asked_again() {
    let mut client = Client::new(0);
    let (request, at) = next(&mut client);
    let kiss = Packet { first: 0xe4, stratum: 0, reference: *b"DENY", ..Packet::answer(&request, UNIX, UNIX) };
    assert_eq!(client.receive(&kiss.bytes(), at), Err(Rejected::Refused));
    assert!(client.is_denied());
    assert!(matches!(client.ended(at), Some(Ended::Silence(1))));
    assert_eq!((client.deadline_ns(), client.request(u64::MAX, 1)), (None, None));
}
