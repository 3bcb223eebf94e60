//! Which version is spoken: what is asked, and what is made of the answers.

use exporter::push::http::{Outgoing, Reply, Request, Verdict};
use exporter::push::remote_write::{Dialect, Version};
use exporter::{Site, Window};

use crate::machine::{Machine, NOW_MS, Road, SECOND, Taken, series};
use crate::tree::hold;

fn outgoing_of(frame: &Taken) -> Outgoing<'_> {
    let Taken { seq, ref prelude, items, stamp_ns, .. } = *frame;
    Outgoing { sink: "remote-write", seq, prelude, items, stamp_ns }
}

fn judge(dialect: &mut Dialect, frame: &Taken, status: u16, samples_written: Option<u64>) -> Verdict {
    dialect.judge(&outgoing_of(frame), &Reply { status, retry_after_s: Some(7), samples_written, excerpt: "" })
}

/// The receiver says that it has understood a question.
pub(crate) fn understands_two(road: &mut Road, question: &Taken) {
    assert_eq!(judge(&mut road.dialect, question, 204, Some(1)), Verdict::Accepted);
}

fn fields(dialect: &mut Dialect, frame: &Taken, site: &dyn Site) -> String {
    let mut room = [0; 512];
    let mut window = Window::new(&mut room);
    dialect.fields(&outgoing_of(frame), site, &mut window);
    String::from_utf8(window.written().to_vec()).expect("ASCII")
}

const ONE: &str = "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n\
    X-Prometheus-Remote-Write-Version: 0.1.0\r\n";
const TWO: &str = "Content-Encoding: snappy\r\n\
    Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n\
    X-Prometheus-Remote-Write-Version: 2.0.0\r\n";

const LATER: Verdict = Verdict::Later { retry_after_s: Some(7) };

/// The kinds of the frames of a capture.
fn kinds(frames: &[Taken]) -> Vec<u8> {
    let mut kinds: Vec<u8> = frames.iter().map(|frame| frame.prelude[0]).collect();
    kinds.dedup();
    kinds
}

#[test]
fn with_1_0_nothing_is_asked() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("one", Version::One, 1 << 20);
    let frames = road.capture(0, &machine);
    assert_eq!(kinds(&frames), [1]);
    assert_eq!(fields(&mut road.dialect, &frames[0], &machine), ONE);
    for (status, verdict) in [
        (200, Verdict::Accepted),
        (204, Verdict::Accepted),
        (302, Verdict::Rejected),
        (400, Verdict::Rejected),
        (404, Verdict::Rejected),
        (408, Verdict::Rejected),
        (415, Verdict::Rejected),
        (429, LATER),
        (500, LATER),
        (503, LATER),
    ] {
        assert_eq!(judge(&mut road.dialect, &frames[0], status, None), verdict, "{status}");
    }
}

#[test]
fn a_receiver_that_knows_2_0_is_told_in_2_0() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("two", Version::Two, 1 << 20);
    let frames = road.capture(0, &machine);
    assert_eq!(kinds(&frames), [3, 1]);
    let [question] = &frames[0].series()[..] else { panic!("a question has one sample") };
    assert_eq!((question.label("__name__"), question.value), (Some("up"), f64::to_bits(1.0)));
    assert_eq!((question.stamp_ms as u64, frames[0].items), (NOW_MS, 0), "which the capture has as well");
    let up = series(&frames[1..]).into_iter().find(|series| series.label("__name__") == Some("up"));
    assert_eq!(up.as_ref(), Some(question));
    assert_eq!(fields(&mut road.dialect, &frames[0], &machine), TWO);
    assert_eq!(judge(&mut road.dialect, &frames[0], 503, None), LATER);
    assert_eq!(judge(&mut road.dialect, &frames[0], 429, None), LATER);
    understands_two(&mut road, &frames[0]);
    assert_eq!(judge(&mut road.dialect, &frames[1], 204, None), Verdict::Accepted, "1.0 has no such field");
    let frames = road.capture(SECOND, &machine);
    assert_eq!(kinds(&frames), [2]);
    assert_eq!(fields(&mut road.dialect, &frames[0], &machine), TWO);
    // Some of the samples were not taken, and will not be.
    assert_eq!(judge(&mut road.dialect, &frames[0], 400, Some(3)), Verdict::Rejected);
    assert_eq!(kinds(&road.capture(2 * SECOND, &machine)), [2]);
    // Another receiver has taken its place.
    assert_eq!(judge(&mut road.dialect, &frames[0], 204, None), Verdict::Rejected);
    assert_eq!(kinds(&road.capture(3 * SECOND, &machine)), [1]);
}

#[test]
fn a_receiver_that_does_not_is_told_in_1_0_without_loss() {
    let _tree = hold();
    let machine = Machine::new();
    for (name, status) in [("silent", 204), ("ok", 200), ("refuses", 415), ("cannot-read", 400)] {
        let mut road = Road::new(name, Version::Two, 1 << 20);
        let frames = road.capture(0, &machine);
        assert_eq!(judge(&mut road.dialect, &frames[0], status, None), Verdict::Accepted);
        assert_eq!(kinds(&road.capture(SECOND, &machine)), [1]);
        assert_eq!(road.told("sent_total"), road.told("items_total"));
    }
}

/// A wrong password, or a proxy whose receiver is being replaced: what it speaks is not known, and asked again.
#[test]
fn what_says_nothing_of_versions_settles_nothing() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("behind-a-proxy", Version::Two, 1 << 20);
    for (second, status) in (0..).zip([401, 403, 404, 408, 413, 302]) {
        let frames = road.capture(second * SECOND, &machine);
        assert_eq!(kinds(&frames), [3, 1], "{status}");
        assert_eq!(judge(&mut road.dialect, &frames[0], status, None), Verdict::Rejected, "{status}");
    }
    let frames = road.capture(10 * SECOND, &machine);
    understands_two(&mut road, &frames[0]);
    assert_eq!(kinds(&road.capture(11 * SECOND, &machine)), [2]);
}

/// Until there is an answer one question waits, and where it made way for newer frames another is asked.
#[test]
fn one_question_at_a_time() {
    let _tree = hold();
    let machine = Machine::new();
    let mut road = Road::new("patient", Version::Two, 1 << 20);
    for second in 0..3 {
        road.produce(second * SECOND, &machine);
    }
    let frames = road.take(&machine);
    assert_eq!(kinds(&frames), [3, 1]);
    assert_eq!(judge(&mut road.dialect, &frames[0], 503, None), LATER);

    let mut road = Road::new("forgetful", Version::Two, frames[1].body.len() * 3 / 2);
    for second in 0..3 {
        road.produce(second * SECOND, &machine);
    }
    assert!(road.told("dropped_total/backlog") > 0);
    assert!(kinds(&road.take(&machine)).len() <= 2);
    assert_eq!(kinds(&road.capture(4 * SECOND, &machine)), [3, 1]);
}
