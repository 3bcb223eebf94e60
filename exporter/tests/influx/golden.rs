//! Lines as they are on the wire.

use exporter::push::Stream;
use exporter::push::influx::{Framing, Options};
use ukstore::{Class, Value};

use crate::harness::{Machine, Monitor, OPTIONS, SECOND, UNIX_NS, alone, of_source};

ukstore::counter! {
    /// Steps.
    static STEPS = "/golden/steps_total", "golden_steps_total";
    /// More than some receivers have numbers for.
    static HUGE = "/golden/huge_total", "golden_huge_total";
    /// A time.
    static BUSY = "/golden/busy_seconds_total", "golden_busy_seconds_total", Seconds;
}
ukstore::gauge! {
    /// Whether it is up.
    static UP: bool = "/golden/up", "golden_up";
    /// A share.
    static FILLED: f64 = "/golden/filled_ratio", "golden_filled_ratio", Ratio;
    /// What may be no number.
    static ODD: f64 = "/golden/odd", "golden_odd";
}
ukstore::counters! {
    /// By side.
    static IN = "/golden/in_total", "golden_in_total", side = ["left", "right"];
    /// By side, too.
    static OUT = "/golden/out_total", "golden_out_total", side = ["left", "right"];
}
ukstore::histogram! {
    /// A histogram.
    static WAIT = "/golden/wait_seconds", "golden_wait_seconds", Seconds, [1_000_000, 2_500_000_000];
}
ukstore::info! {
    /// A fact whose labels want escapes, are empty, and are called like tags.
    "/golden/fact", "golden_fact_info", { text => prompt || "a, b=c", empty => prompt || "", job => prompt || "x" };
}
ukstore::labels! {
    /// Phases.
    enum Phase { Starting = "starting", Running = "running" }
}
ukstore::states! {
    /// The phase.
    static PHASE: Phase = "/golden/phase", "golden_phase";
}
ukstore::class! {
    /// Objects.
    static THINGS: Class<struct Thing> = "/golden/things", label thing, series 4 {
        /// Pieces.
        counter done = "done_total", "golden_thing_done_total";
        /// By side.
        counter moved = "moved_total", "golden_thing_moved_total" { side = ["left", "right"] };
        /// Left.
        gauge left = "left_bytes", "golden_thing_left_bytes", Bytes;
    }
}
ukstore::computed! {
    /// Never there.
    gauge "/golden/absent", "golden_absent" => prompt || Value::Absent;
}

#[test]
fn lines() {
    let _alone = alone();
    STEPS.inc();
    HUGE.add(u64::MAX);
    BUSY.add(2_000_000_000);
    UP.set(true);
    FILLED.set(0.25);
    ODD.set(f64::NAN);
    OUT[1].add(3);
    WAIT.observe(2_000_000_000);
    PHASE.set(Phase::Running);
    let things: &'static Class<Thing> = &THINGS;
    let thing = things.add("one thing", Thing::new());
    thing.done.add(5);
    thing.left.set(-7);

    let machine = Machine { name: "web 1", tags: &[("rack", "7"), ("empty", "")], ..Machine::default() };
    let mut monitor = Monitor::new("golden", OPTIONS, Framing::Stream);
    let text = monitor.capture(0, &machine);
    let tags = "vm=web\\ 1,job=test,rack=7";
    let expected = [
        "golden,TAGS golden_busy_seconds_total=2,golden_filled_ratio=0.25,golden_huge_total=9223372036854775807i,\
         golden_steps_total=1i,golden_up=true",
        "golden,TAGS,side=left golden_in_total=0i,golden_out_total=0i",
        "golden,TAGS,side=right golden_in_total=0i,golden_out_total=3i",
        "golden,TAGS,text=a\\,\\ b\\=c,exported_job=x golden_fact_info=1i",
        "golden,TAGS,golden_phase=starting golden_phase=0i",
        "golden,TAGS,golden_phase=running golden_phase=1i",
        "golden,TAGS,thing=one\\ thing golden_thing_done_total=5i,golden_thing_left_bytes=-7i",
        "golden,TAGS,thing=one\\ thing,side=left golden_thing_moved_total=0i",
        "golden,TAGS,thing=one\\ thing,side=right golden_thing_moved_total=0i",
        "golden,TAGS,le=0.001 golden_wait_seconds_bucket=0i",
        "golden,TAGS,le=2.5 golden_wait_seconds_bucket=1i",
        "golden,TAGS,le=+Inf golden_wait_seconds_bucket=1i",
        "golden,TAGS golden_wait_seconds_sum=2,golden_wait_seconds_count=1i",
    ];
    let lines = |end: &str| expected.map(|line| line.replace("TAGS", tags) + end).concat();
    assert_eq!(of_source(&text, "golden"), lines(&format!(" {UNIX_NS}\n")));
    assert_eq!(crate::harness::told("golden", "saturated_total"), 1);

    let options = Options { timestamps: false, unsigned: true, ..OPTIONS };
    let mut monitor = Monitor::new("golden-2", options, Framing::Stream);
    let text = of_source(&monitor.capture(0, &Machine { unix_ns: None, ..machine }), "golden");
    assert!(text.contains("golden_huge_total=18446744073709551615u,golden_steps_total=1u,golden_up=true\n"), "{text}");
    assert!(text.contains("golden_thing_done_total=5u,golden_thing_left_bytes=-7i\n"), "{text}");
    assert!(text.contains("golden_phase=1i\n") && text.contains("le=+Inf golden_wait_seconds_bucket=1u\n"), "{text}");
    assert_eq!(monitor.sink.deadline_ns(), Some(10 * SECOND));
    drop(thing);
}
