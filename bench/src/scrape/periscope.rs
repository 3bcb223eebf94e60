//! Periscope's turns: the program `bench_scrape` with few series and with many, and the same where QEMU counts.

use ::tests::{Side, exposition, http, image};

use super::error;
use super::figures::{Figures, WARM_UP};
use super::machine::{Machine, System};
use super::wire::{Wires, guest_address};

/// Series of a program with little to tell: no more than every program has.
const FEW: u64 = 0;
/// Series of one with much to tell.
const MANY: u64 = 10_000;

const PATH: &str = "/metrics";
/// Scrapes whose instructions are counted.
const COUNTED: usize = 100;

/// What the guest tells of a turn.
pub(super) struct Told {
    /// A scrape's body when the turn began.
    pub(super) text: String,
    /// By how much the heap changed while it was scraped.
    pub(super) heap_bytes: f64,
    /// What management allocated since it was ready for requests.
    pub(super) allocations: f64,
}

impl Told {
    /// Of two turns, the text of the later and the worse of their figures.
    pub(super) fn worse(self, later: Self) -> Self {
        let heap_bytes = self.heap_bytes.max(later.heap_bytes);
        Self { heap_bytes, allocations: self.allocations.max(later.allocations), text: later.text }
    }
}

/// One boot with [`FEW`] series.
pub(super) fn turn_of_few(wires: &Wires, figures: &mut Figures) -> Result<Told, String> {
    let machine = boot(wires, FEW, &[])?;
    told(&machine, || figures.few(&machine, PATH))
}

/// One boot with [`MANY`] series.
pub(super) fn turn_of_many(wires: &Wires, figures: &mut Figures) -> Result<Told, String> {
    let machine = boot(wires, MANY, &[])?;
    told(&machine, || figures.many(&machine, PATH))
}

/// Instructions that the guest takes for a scrape of [`FEW`] series on a connection that is kept: management's thread and
/// its card's interrupts. A nanosecond of virtual time is an instruction; while the guest is idle, it is a nanosecond.
pub(super) fn instructions(wires: &Wires) -> Result<u64, String> {
    let machine = boot(wires, FEW, &["-icount", "shift=0"])?;
    let mut client = machine.client(PATH)?;
    let mut strict = strict(&machine)?;
    let mut spent = |scrapes| {
        for _ in 0..scrapes {
            client.scrape()?;
        }
        value(&get(&mut strict)?, "uk_management_cpu_seconds_total")
    };
    // The scrape that is looked at is in both differences, so that it is in none of what is left.
    spent(WARM_UP)?;
    let [start, short, long] = [spent(COUNTED)?, spent(COUNTED)?, spent(3 * COUNTED)?];
    let seconds = (long - short) - (short - start);
    Ok((seconds * 1e9 / (2 * COUNTED) as f64).round() as u64)
}

fn boot<'a>(wires: &'a Wires, series: u64, options: &[&str]) -> Result<Machine<'a>, String> {
    let [service, management] = [Side::Service, Side::Management].map(guest_address);
    let system = System {
        kernel: image("bench_scrape"),
        parameters: format!("--ipv4={service}/24 --management-ipv4={management}/24 -- --series={series}"),
        options: [&["-m", "64"], options].concat().into_iter().map(str::to_owned).collect(),
    };
    let machine = Machine::boot(&system, wires)?;
    // What only a scrape brings is there now; the program adds the rest.
    machine.knock("objects added")?;
    Ok(machine)
}

/// Does a turn's work and looks at the guest before and after.
fn told(machine: &Machine<'_>, work: impl FnOnce() -> Result<(), String>) -> Result<Told, String> {
    let text = get(&mut strict(machine)?)?;
    work()?;
    // Meanwhile the first connection may have been idle for too long.
    let after = get(&mut strict(machine)?)?;
    let heap = |text| value(text, "uk_heap_used_bytes");
    let heap_bytes = (heap(&after)? - heap(&text)?).abs();
    Ok(Told { heap_bytes, allocations: value(&after, "uk_management_allocations_total")?, text })
}

fn strict(machine: &Machine<'_>) -> Result<http::Connection, String> {
    machine.connect().and_then(|stream| http::Connection::new(stream).map_err(error("management's port")))
}

fn get(connection: &mut http::Connection) -> Result<String, String> {
    let response = connection.get(PATH).map_err(error("a scrape"))?;
    if response.status == 200 { Ok(response.text()) } else { Err(format!("a scrape ended with {}", response.status)) }
}

fn value(text: &str, series: &str) -> Result<f64, String> {
    exposition::value(text, series).ok_or_else(|| format!("a scrape without {series}"))
}
