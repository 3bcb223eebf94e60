//! What is believed of what a server may say, and what is not.

use proptest::prelude::*;

use super::*;
use crate::sntp::{Client, Kiss, Rejected, Reply, Sample};

const REQUEST: Request = Request { nonce: 0x0123_4567_89ab_cdef, sent_ns: 5 * SECOND };

fn good() -> Packet {
    Packet::answer(&REQUEST, UNIX + 6 * SECOND, UNIX + 6 * SECOND + MILLISECOND)
}

fn read(packet: Packet) -> Result<Reply, Rejected> {
    Reply::read(&packet.bytes(), &REQUEST).map_err(|(why, _)| why)
}

#[test]
fn a_request_tells_nothing_but_a_random_number() {
    let bytes = REQUEST.bytes();
    assert_eq!(bytes[0], 0x23, "version 4, a client");
    assert!(bytes[1..40].iter().all(|&byte| byte == 0));
    assert_eq!(bytes[40..], REQUEST.nonce.to_be_bytes());
}

#[test]
fn a_good_reply_is_read() {
    let reply = read(good()).unwrap();
    assert_eq!((reply.stratum, reply.root_delay_ns, reply.root_dispersion_ns), (2, 3_906_250, 7_812_500));
    assert!(reply.received_unix_ns.abs_diff(UNIX + 6 * SECOND) <= 1);
    // Its way there took 3 ms and its way back 1 ms; the server's clock is a second ahead of what it should be.
    let sample = Sample::new(&REQUEST, &reply, 5 * SECOND + 5 * MILLISECOND).unwrap();
    assert_eq!(sample.at_ns, 5 * SECOND + 5 * MILLISECOND / 2);
    assert!(sample.unix_ns.abs_diff(UNIX + 6 * SECOND + MILLISECOND / 2) <= 1);
    assert!(sample.delay_ns.abs_diff(4 * MILLISECOND) <= 1);
    assert_eq!(sample.distance_ns(), 3_906_250 / 2 + 7_812_500 + sample.delay_ns / 2);
    // An authenticator behind it, which nobody can check, does no harm.
    let mut longer = good().bytes();
    longer.extend([7; 20]);
    assert_eq!(Reply::read(&longer, &REQUEST), Ok(reply));
}

#[test]
fn what_is_wrong_is_not_believed() {
    let wrong = |change: fn(&mut Packet)| {
        let mut packet = good();
        change(&mut packet);
        read(packet).unwrap_err()
    };
    assert_eq!(Reply::read(&good().bytes()[..47], &REQUEST), Err((Rejected::Malformed, None)));
    assert_eq!(wrong(|packet| packet.first = 0x23), Rejected::Malformed, "a client's");
    assert_eq!(wrong(|packet| packet.first = 0x25), Rejected::Malformed, "a broadcast");
    assert_eq!(wrong(|packet| packet.first = 0x1c), Rejected::Malformed, "an older version than was asked");
    assert_eq!(wrong(|packet| packet.originate ^= 1), Rejected::Bogus);
    assert_eq!(wrong(|packet| packet.originate = 0), Rejected::Bogus);
    assert_eq!(wrong(|packet| packet.first |= 0xc0), Rejected::Unsynchronized);
    assert_eq!(wrong(|packet| packet.stratum = 16), Rejected::Unsynchronized);
    assert_eq!(wrong(|packet| packet.root_delay = 0x0003_0000), Rejected::Distant);
    assert_eq!(wrong(|packet| packet.root_dispersion = u32::MAX), Rejected::Distant);
    assert_eq!(wrong(|packet| packet.receive = 0), Rejected::Implausible);
    assert_eq!(wrong(|packet| packet.transmit = 0), Rejected::Implausible);
    assert_eq!(wrong(|packet| packet.transmit = packet.receive - 100), Rejected::Implausible);
    // The year 2001 is taken for 2137, which is as impossible.
    assert_eq!(
        wrong(|packet| (packet.receive, packet.transmit) =
            (timestamp(1_000_000_000 * SECOND), timestamp(1_000_000_000 * SECOND))),
        Rejected::Implausible
    );
    assert!(read(Packet { first: 0x64, ..good() }).is_ok(), "a leap second is announced");
    assert!(read(Packet { stratum: 15, ..good() }).is_ok());
}

#[test]
fn a_server_cannot_have_taken_longer_than_the_exchange() {
    let reply = read(Packet::answer(&REQUEST, UNIX, UNIX + SECOND)).unwrap();
    let at = |after| Sample::new(&REQUEST, &reply, REQUEST.sent_ns + after);
    assert_eq!(at(SECOND - 2 * MILLISECOND), Err(Rejected::Implausible));
    assert_eq!(at(SECOND - MILLISECOND / 2).unwrap().delay_ns, 0, "as far as clocks agree");
    assert_eq!(Sample::new(&REQUEST, &reply, REQUEST.sent_ns - 1), Err(Rejected::Implausible));
}

#[test]
fn kisses_of_death_are_told_apart_and_must_answer_too() {
    for (code, kiss) in [(b"RATE", Kiss::Rate), (b"DENY", Kiss::Deny), (b"RSTR", Kiss::Deny), (b"INIT", Kiss::Other)] {
        let packet = Packet { first: 0xe4, stratum: 0, reference: *code, ..good() };
        assert_eq!(Reply::read(&packet.bytes(), &REQUEST), Err((Rejected::Refused, Some(kiss))));
        let forged = Packet { originate: 1, ..packet };
        assert_eq!(Reply::read(&forged.bytes(), &REQUEST), Err((Rejected::Bogus, None)));
    }
}

#[test]
fn a_reply_of_the_next_era_is_read() {
    // 2036-02-07 06:28:16 is the first second of the next era.
    let unix = 2_085_978_496 * SECOND;
    let packet = Packet::answer(&REQUEST, unix - SECOND / 2, unix + SECOND / 2);
    assert!(packet.transmit < packet.receive, "the seconds have wrapped");
    let reply = read(packet).unwrap();
    assert!((reply.sent_unix_ns - reply.received_unix_ns).abs_diff(SECOND) <= 1);
}

proptest! {
    /// Nothing upsets the client, and what it believes is as it must be.
    #[test]
    fn anything_can_be_received(
        mut bytes in prop::collection::vec(any::<u8>(), 0..100), answers: bool, later in 0u64..4 * SECOND,
    ) {
        let mut client = Client::new(0);
        let request = client.request(0, 77).unwrap();
        if answers && let Some(originate) = bytes.get_mut(24..32) {
            originate.copy_from_slice(&77u64.to_be_bytes());
        }
        if let Ok(sample) = client.receive(&bytes, later) {
            prop_assert!(answers && (1..=15).contains(&bytes[1]));
            prop_assert!(crate::clock::is_plausible(sample.unix_ns));
            prop_assert!(sample.at_ns >= request.sent_ns && sample.at_ns <= later && sample.delay_ns <= later);
            prop_assert!(sample.root_distance_ns < 1_500_000_000);
        }
        let _ = client.ended(later);
        prop_assert!(client.is_denied() || client.deadline_ns().is_some());
    }

    /// A good reply with any one byte altered is believed only if what it tells can be.
    #[test]
    fn a_reply_that_is_cut_or_altered(at in 0usize..48, byte: u8, cut in 0usize..49) {
        let mut bytes = good().bytes();
        bytes[at] = byte;
        bytes.truncate(cut);
        match Reply::read(&bytes, &REQUEST) {
            Ok(reply) => {
                prop_assert_eq!(cut, 48);
                prop_assert!(reply.sent_unix_ns >= reply.received_unix_ns);
            }
            Err((why, kiss)) => prop_assert_eq!(why == Rejected::Refused, kiss.is_some()),
        }
    }
}
