//! Objects that come and go while others look on.

use crate::serve;
use alloc::string::String;
use alloc::vec::Vec;
use periscope::time::{Duration, Instant};
use periscope::ukstore::{self, Object, Value};
use periscope::{println, thread};

/// Every observation; a sum that is no multiple of it was torn.
const OBSERVED: u64 = 7;

ukstore::buckets! {
    /// Sizes with one bound, below [`OBSERVED`].
    pub(crate) struct Sizes = Bytes, [1];
}

ukstore::class! {
    /// What tests add and drop.
    static THINGS: Class<struct Thing> = "/guest/things", label thing, series 512 {
        /// Number of the thing.
        gauge number = "number", "guest_thing_number";
        /// Sizes observed.
        histogram sizes: Sizes = "size_bytes", "guest_thing_size_bytes", Bytes;
    }
}

fn add(name: &str, count: u64) -> Vec<Object<Thing>> {
    let thing = |number| {
        let thing = THINGS.add(&alloc::format!("{name}-{number}"), Thing::new());
        thing.number.set(number as i64);
        thing.sizes.observe(OBSERVED);
        thing
    };
    (0..count).map(thing).collect()
}

fn heap_used() -> Result<u64, String> {
    match ukstore::read("/memory/heap/used_bytes") {
        Ok(Value::U64(used)) => Ok(used),
        other => Err(alloc::format!("the heap tells {other:?}")),
    }
}

/// Adds `count` things, and drops them when somebody knocks.
pub(crate) fn drop_when_asked(count: u32) -> Result<(), String> {
    let door = serve::door()?;
    drop(add("thing", count.into())); // the table keeps the room it once had
    let before = heap_used()?;
    let things = add("thing", count.into());
    println!("objects: {count} are there");
    serve::knock(&door)?;
    let began = Instant::now();
    drop(things);
    let micros = began.elapsed().as_micros();
    println!("objects: dropped in {micros} us, heap {before} before, {} after", heap_used()?);
    serve::knock(&door)
}

/// Adds and drops `count` things, by and by, while a few stay.
pub(crate) fn churn(count: u32) -> Result<(), String> {
    const KEEPERS: u64 = 16;
    const AT_ONCE: u64 = 100;
    let door = serve::door()?;
    let keepers = add("keeper", KEEPERS);
    drop(add("passer", AT_ONCE)); // the table keeps the room it once had
    println!("objects: {KEEPERS} stay");
    serve::knock(&door)?;
    let before = heap_used()?;
    for _ in 0..u64::from(count) / AT_ONCE {
        let passers = add("passer", AT_ONCE);
        for keeper in &keepers {
            keeper.sizes.observe(OBSERVED);
        }
        // Long enough for who looks on to see them half way.
        thread::sleep(Duration::from_millis(10));
        drop(passers);
    }
    println!("objects: {count} came and went, heap {before} before, {} after", heap_used()?);
    serve::knock(&door)
}
