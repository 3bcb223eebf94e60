//! What an NTP server may answer. An input is a conversation: for each request a byte that says how long the answer takes,
//! and the answer's 48 bytes; what is left at the end is an answer that is too short. Requests have the nonce `NONCE`.
//!
//! What is believed can be, the clock goes forward unless it is set, and the client always knows when to ask again.
#![no_main]

use kernel_core::clock::{Course, MAX_RATE_PPB, is_plausible};
use kernel_core::sntp::{Client, Discipline, Ended};
use libfuzzer_sys::fuzz_target;

const NONCE: u64 = 0x0123_4567_89ab_cdef;
const SECOND: u64 = 1_000_000_000;
/// What the byte in front of an answer counts, ns: up to more than the client waits.
const DELAY: u64 = 10_000_000;

fuzz_target!(|input: &[u8]| {
    let mut client = Client::new(SECOND);
    let mut discipline = Discipline::new();
    let mut course = None::<Course>;
    for answer in input.chunks(49) {
        let Some(mut now) = client.deadline_ns() else {
            assert!(client.is_denied());
            return;
        };
        judge(&mut client, &mut discipline, &mut course, now);
        let Some(request) = client.request(now, NONCE) else { continue };
        now = request.sent_ns + u64::from(answer[0]) * DELAY;
        if let Ok(sample) = client.receive(&answer[1..], now) {
            assert_eq!(answer.len(), 49, "a reply that is too short was believed");
            assert!(is_plausible(sample.unix_ns) && (1..=15).contains(&sample.stratum));
            assert!(sample.at_ns >= request.sent_ns && sample.at_ns <= now);
            assert!(sample.delay_ns <= now - request.sent_ns);
        }
        judge(&mut client, &mut discipline, &mut course, now);
    }
});

fn judge(client: &mut Client, discipline: &mut Discipline, course: &mut Option<Course>, now: u64) {
    let Some(Ended::Sample(best)) = client.ended(now) else { return };
    let judgement = discipline.judge(&best, course.as_ref(), now);
    client.judge(judgement.right, now);
    if let Some(next) = judgement.course {
        assert!(next.rate_ppb().abs() <= MAX_RATE_PPB);
        assert!(next.unix_ns(now + SECOND) >= next.unix_ns(now) + SECOND / 1000 * 999);
        match *course {
            Some(before) if !judgement.stepped => {
                assert_eq!(next.unix_ns(now), before.unix_ns(now), "a slew is no jump")
            }
            _ => assert!(judgement.stepped),
        }
        *course = Some(next);
    }
    assert!(discipline.max_error_ns(now) <= 16 * SECOND);
    assert!((4..=10).contains(&client.interval()));
}
