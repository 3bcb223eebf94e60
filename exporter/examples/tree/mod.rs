//! A tree with one of everything, which stands still: what suites and comparisons of formats read.

use std::time::Duration;

use ukstore::Object;

ukstore::counter! {
    /// A counter that stands still.
    static STEPS = "/example/steps_total", "example_steps_total";
}

ukstore::gauge! {
    /// A gauge below zero.
    static DEPTH = "/example/depth_bytes", "example_depth_bytes", Bytes;
    /// A gauge of floats, with a "quote" in its help.
    static FILLED: f64 = "/example/filled_ratio", "example_filled_ratio", Ratio;
    /// A gauge that is not a number.
    static UNKNOWN: f64 = "/example/unknown", "example_unknown";
    /// A gauge without bound.
    static ENDLESS: f64 = "/example/endless", "example_endless";
    /// Whether it is so.
    static SO: bool = "/example/so", "example_so";
}

ukstore::counters! {
    /// A family with two series.
    static DOORS = "/example/doors_total", "example_doors_total", side = ["left", "right"];
}

ukstore::histogram! {
    /// Three observations.
    static WAIT = "/example/wait_seconds", "example_wait_seconds", Seconds, [1_000_000, 1_000_000_000];
    /// Observations in exponential buckets, with gaps between them, at zero and beyond the last.
    static SPREAD = "/example/spread_seconds", "example_spread_seconds", Seconds,
        exponential 3 from 1_000 to 1_000_000_000;
}

ukstore::labels! {
    /// What a worker does.
    enum Phase {
        /// Nothing.
        Idle = "idle",
        /// Work.
        Busy = "busy",
    }
}

ukstore::states! {
    /// What the example does.
    static PHASE: Phase = "/example/phase", "example_phase";
}

ukstore::info! {
    /// What was built.
    "/example/build", "example_build_info", { version = "1.0", arch = "x86_64" };
}

ukstore::text! {
    /// Words with everything in them that HTML and JSON must escape.
    "/example/words" => prompt |out| out.write_str("<b>\"quoted\" & 'more'</b>\n\tsecond line\n");
}

ukstore::class! {
    /// Workers.
    static WORKERS: Class<struct Work> = "/example/workers", label worker, series 2 {
        /// Pieces of work done.
        counter done = "done_total", "example_worker_done_total";
        /// Pieces of work dropped, by reason.
        counter dropped = "dropped_total", "example_worker_dropped_total" { reason = ["full", "late"] };
    }
}

ukstore::buckets! {
    /// Sizes in exponential buckets.
    pub(crate) struct Sizes = Bytes, exponential 0 from 1 to 64;
}

ukstore::class! {
    /// Shelves: so many that no message of the protobuf format holds all.
    static SHELVES: Class<struct Shelf> = "/example/shelves", label shelf, series 128 {
        /// Things put on a shelf.
        counter put = "put_total", "example_shelf_put_total";
        /// Sizes of the things on a shelf.
        histogram sizes: Sizes = "size_bytes", "example_shelf_size_bytes", Bytes;
    }
}

ukstore::class! {
    /// Bricks: more than half a megabyte of them, or none.
    static BRICKS: Class<struct Brick> = "/example/bricks", label brick, series 8192 {
        /// What a brick weighs.
        counter weight = "weight_bytes_total", "example_brick_weight_bytes_total", Bytes;
    }
}

ukstore::setting! {
    /// Requests answered at once.
    static LIMIT: u64 = 64, in 1..=1000, "/example/limit", "example_limit";
    /// How long a session may idle.
    static IDLE: Duration = Duration::from_secs(60), "/example/idle_seconds", Seconds;
    /// What visitors are greeted with.
    static GREETING: text(64) = "hello", "/example/greeting";
}

ukstore::fault! {
    /// Makes the example fail.
    static FAIL: bool = false, "/example/fail";
}

/// What stays in the tree as long as it is held.
pub(crate) struct Held {
    _workers: [Object<Work>; 4],
    _shelves: Vec<Object<Shelf>>,
    _bricks: Vec<Object<Brick>>,
}

/// Gives everything the value it keeps, and has bricks only if there is to be much.
pub(crate) fn fill(is_large: bool) -> Held {
    STEPS.add(3);
    DEPTH.set(-11);
    FILLED.set(0.1);
    UNKNOWN.set(f64::NAN);
    ENDLESS.set(f64::INFINITY);
    SO.set(true);
    DOORS[1].inc();
    for observed_ns in [1, 1_500_000, 61_000_000_000] {
        WAIT.observe(observed_ns);
    }
    for observed_ns in [0, 1, 2_000, 2_000, 2_050, 300_000, 5_000_000, 900_000_000, 61_000_000_000] {
        SPREAD.observe(observed_ns);
    }
    PHASE.set(Phase::Busy);
    let workers = ["first", "the \"second\" <one>", "third", "fourth"].map(|name| WORKERS.add(name, Work::new()));
    workers[3].dropped[1].add(7);
    let shelves = (0..100).map(|number| {
        let shelf = SHELVES.add(&format!("shelf-{number:02}"), Shelf::new());
        shelf.put.add(number);
        shelf.sizes.observe(number);
        shelf
    });
    let shelves = shelves.collect();
    let bricks = (0..if is_large { 8_192_u64 } else { 0 }).map(|number| {
        let brick = BRICKS.add(&format!("brick number {number:04}"), Brick::new());
        brick.weight.add((number * 7_919_000_003) >> (number % 24));
        brick
    });
    let bricks = bricks.collect();
    println!("{}, at most {} at once, idle for {:?}, faults {}", GREETING.get(), LIMIT.get(), IDLE.get(), FAIL.get());
    Held { _workers: workers, _shelves: shelves, _bricks: bricks }
}
