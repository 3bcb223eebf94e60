//! A machine that stands still: a tree with one thing of each kind, three lines of log, and switches for what a boot
//! parameter would switch.

use std::sync::Once;

use exporter::gzip::Compressor;
use exporter::http::Credentials;
use exporter::{Level, LogRecord, Site};
use ukstore::{Object, Writer};

use crate::exchange;

ukstore::counter! {
    /// A counter.
    static STEPS = "/fuzz/steps_total", "fuzz_steps_total";
}

ukstore::gauge! {
    /// A gauge.
    static DEPTH = "/fuzz/depth_bytes", "fuzz_depth_bytes", Bytes;
}

ukstore::counters! {
    /// A family with two series.
    static DOORS = "/fuzz/doors_total", "fuzz_doors_total", side = ["left", "right"];
}

ukstore::histogram! {
    /// A histogram with bounds.
    static WAIT = "/fuzz/wait_seconds", "fuzz_wait_seconds", Seconds, [1_000_000, 1_000_000_000];
    /// An exponential one.
    static QUERY = "/fuzz/query_seconds", "fuzz_query_seconds", Seconds, exponential 1 from 1_000_000 to 8_000_000_000;
}

ukstore::info! {
    /// What was built.
    "/fuzz/build", "fuzz_build_info", { version = "1.0", arch = "x86_64" };
}

ukstore::text! {
    /// What HTML and JSON must escape.
    "/fuzz/words" => prompt |out| out.write_str("<b>\"quoted\" & 'more'</b>\n\tsecond line\n");
}

ukstore::class! {
    /// Things whose names are anything.
    static THINGS: Class<struct Thing> = "/fuzz/things", label thing, series 4 {
        /// Pieces of work done.
        counter done = "done_total", "fuzz_thing_done_total";
    }
}

ukstore::setting! {
    /// A number.
    static LIMIT: u64 = 64, in 1..=1000, "/fuzz/limit", "fuzz_limit";
    /// A text.
    static GREETING: text(64) = "hello", "/fuzz/greeting";
}

ukstore::fault! {
    /// Makes something fail.
    static FAIL: bool = false, "/fuzz/fail";
}

/// Names that need an encoding, or look as if they did. The last two share the place for what is beyond the bound.
const NAMES: [&str; 6] = ["plain", "two words", "gr\u{f6}\u{df}e", "100%", "a+b&c=d;e", "<\"'>"];

const LOG: [(Level, &str); 3] = [(Level::Error, "one"), (Level::Info, "two\nlines"), (Level::App, "three")];

/// What the password `secret` of the user `fuzz` is known by.
const SECRET_DIGEST: [u8; 32] = [
    0x2b, 0xb8, 0x0d, 0x53, 0x7b, 0x1d, 0xa3, 0xe3, 0x8b, 0xd3, 0x03, 0x61, 0xaa, 0x85, 0x56, 0x86, 0xbd, 0xe0, 0xea,
    0xcd, 0x71, 0x62, 0xfe, 0xf6, 0xa2, 0x5f, 0xe9, 0x7b, 0xf5, 0x27, 0xa2, 0x5b,
];

/// The machine.
pub struct Fuzzed {
    compressor: Option<Compressor>,
    protected: bool,
    adjustable: bool,
    faults: bool,
}

impl Fuzzed {
    /// One with what the lowest bits of `switches` say: settings can be written, faults provoked, replies compressed,
    /// and clients must know a password.
    #[must_use]
    pub fn new(switches: u8) -> Self {
        static FILLED: Once = Once::new();
        FILLED.call_once(|| {
            fill();
            // Some series are there from the first scrape on.
            let _ = exchange(&Self::with(0), b"GET /metrics HTTP/1.0\r\n\r\n");
        });
        Self::with(switches)
    }

    fn with(switches: u8) -> Self {
        let is_on = |bit: u8| switches & 1 << bit != 0;
        Self { adjustable: is_on(0), faults: is_on(1), compressor: is_on(2).then(Compressor::new), protected: is_on(3) }
    }

    /// Undoes what requests have written.
    pub fn restore(&self) {
        for (path, text) in [("/fuzz/limit", "64"), ("/fuzz/greeting", "hello"), ("/fuzz/fail", "false")] {
            ukstore::write(path, text, Writer::Program).expect("it takes what it began with");
        }
        for source in ukstore::sources() {
            source.switch(true, Writer::Program);
        }
    }
}

fn fill() {
    ukstore::attach(ukstore::Machine { now_ns: || 0, wake: || (), samples: false });
    STEPS.add(3);
    DEPTH.set(-11);
    DOORS[1].inc();
    for observed_ns in [1, 1_500_000, 61_000_000_000] {
        WAIT.observe(observed_ns);
        QUERY.observe(observed_ns);
    }
    let things: Vec<Object<Thing>> = NAMES.iter().map(|name| THINGS.add(name, Thing::new())).collect();
    // They stay.
    things.into_iter().for_each(std::mem::forget);
    let _ = (LIMIT.get(), GREETING.get(), FAIL.get());
}

impl Site for Fuzzed {
    fn node(&self) -> &str {
        "fuzz"
    }
    fn program(&self) -> &str {
        "fuzz 0.1.0"
    }
    fn credentials(&self) -> Option<Credentials<'_>> {
        self.protected.then_some(Credentials::Basic { user: "fuzz", digest: SECRET_DIGEST })
    }
    fn compressor(&self) -> Option<&Compressor> {
        self.compressor.as_ref()
    }
    fn adjustable(&self) -> bool {
        self.adjustable
    }
    fn faults(&self) -> bool {
        self.faults
    }
    fn now_ns(&self) -> u64 {
        0
    }
    fn unix_ns(&self) -> Option<u64> {
        Some(784_111_777_000_000_000)
    }
    fn log_newest(&self) -> Option<u64> {
        Some(LOG.len() as u64 - 1)
    }
    fn log_next(&self, from: u64, level: Level, show: &mut dyn FnMut(&LogRecord<'_>)) -> Option<u64> {
        let (seq, (level, message)) =
            (0..).zip(LOG).find(|(seq, (its_level, _))| *seq >= from && *its_level <= level)?;
        show(&LogRecord {
            seq,
            since_boot_ns: seq,
            unix_ns: None,
            level,
            source: "fuzz",
            thread: "main",
            message,
            truncated: false,
        });
        Some(seq)
    }
}
