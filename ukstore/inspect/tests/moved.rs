//! Cells that nothing moves, planted in the sources of a small crate: each must be named with its place, and what moves
//! must be left alone.

#[expect(dead_code, reason = "of a kernel, only its origins matter here")]
mod kernel;

use std::process::{Command, Output};

use kernel::Kernel;
use ukstore::layout;

/// Writes a crate `shop` of these files, below `src`, and looks at a kernel that has these families from the first
/// of them.
fn moved(test: &str, files: &[(&str, &str)], families: &[&str]) -> Output {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("moved_{test}"));
    // What another version of the test left.
    let _ = std::fs::remove_dir_all(&folder);
    for (file, text) in files {
        let path = folder.join("shop/src").join(file);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("cargo's folder is writable");
        std::fs::write(path, text).expect("cargo's folder is writable");
    }
    let mut kernel = Kernel {
        entries: Vec::new(),
        families: Vec::new(),
        origins: String::new(),
        symbols: layout::SYMBOLS,
        excess: 0,
    };
    let place = format!("shop/src/{}:1", files[0].0);
    kernel.declare("entry", "/shop", &place, "");
    families.iter().for_each(|family| kernel.declare("family", family, &place, "\t/shop\t"));
    let file = kernel.file(&format!("moved_{test}"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_ukstore_inspect"));
    command.args(["moved", file.to_str().expect("cargo's folders are UTF-8")]).current_dir(folder);
    command.output().expect("the program starts")
}

fn faults(output: Output) -> Vec<String> {
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    String::from_utf8(output.stderr).expect("faults are text").lines().map(str::to_owned).collect()
}

fn said(output: Output) -> String {
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// One cell of each sort, by the macros that are called so.
const DECLARED: &str = r#"//! The shop.
mod sales;

ukstore::counter! {
    /// Orders.
    pub static ORDERS = "/shop/orders_total", "shop_orders_total";
    /// Bytes.
    static COPIED = "/shop/copied_bytes_total", "shop_copied_bytes_total", Bytes;
}
ukstore::gauge! {
    /// Share.
    static FILLED: f64 = "/shop/filled_ratio", "shop_filled_ratio", Ratio;
}
ukstore::counters! {
    /// Refusals.
    static REFUSED = "/shop/refused_total", "shop_refused_total", reason = ["full", "closed"];
}
ukstore::histogram! {
    /// Items.
    static ITEMS = "/shop/items", "shop_items", None, [1, 2, 5];
}
ukstore::states! {
    /// Role.
    static ROLE: Role = "/shop/role", "shop_role";
}
ukstore::computed! {
    /// A cell that is no cell of ukstore's.
    gauge "/shop/waiting", "shop_waiting" => prompt || Value::U64(WAITING.load(Relaxed));
}
ukstore::group! {
    /// The till.
    static TILL: struct Till = "/shop/till" {
        /// Sales.
        counter sales = "sales_total", "shop_till_sales_total";
        /// Returns, in the tree only.
        counter returns = "returns_total" { reason = ["broken", "late"] };
    }
}
ukstore::class! {
    /// Couriers.
    static COURIERS: Class<Courier> = "/shop/couriers", label courier, series 20 {
        /// Parcels.
        counter "parcels_total", "shop_courier_parcels_total" => .parcels;
        /// Places.
        gauge "places", "shop_courier_places" => .bag.places;
        /// No cell.
        gauge "free", "shop_courier_free" => prompt |courier| { let free = courier.free(); Value::U64(free) };
    }
}
"#;

const FAMILIES: [&str; 11] = [
    "shop_orders_total",
    "shop_copied_bytes_total",
    "shop_filled_ratio",
    "shop_refused_total",
    "shop_items",
    "shop_role",
    "shop_waiting",
    "shop_till_sales_total",
    "shop_courier_parcels_total",
    "shop_courier_places",
    "shop_courier_free",
];

/// Each cell's movement in one of the ways there are.
const MOVES: [(&str, &str); 11] = [
    ("shop_orders_total at shop/src/lib.rs:6: nothing moves its cell ORDERS", "crate::ORDERS.inc();"),
    ("shop_copied_bytes_total at shop/src/lib.rs:8: nothing moves its cell COPIED", "copy(from, &super::COPIED);"),
    ("shop_filled_ratio at shop/src/lib.rs:12: nothing moves its cell FILLED", "FILLED.set(0.5);"),
    ("shop_refused_total at shop/src/lib.rs:16: nothing moves its cell REFUSED", "REFUSED[Reason::Full].add(2);"),
    ("shop_items at shop/src/lib.rs:20: nothing moves its cell ITEMS", "if order.is_new() { ITEMS.observe(3); }"),
    ("shop_role at shop/src/lib.rs:24: nothing moves its cell ROLE", "ROLE.set(Role::Leader);"),
    (
        "what is computed at shop/src/lib.rs:28: nothing moves its cell WAITING",
        "crate::queue::WAITING.store(7, Relaxed);",
    ),
    (
        "shop_till_sales_total at shop/src/lib.rs:34: nothing moves its cell sales",
        "TILL.update(|till| till.sales.inc());",
    ),
    ("returns_total at shop/src/lib.rs:36: nothing moves its cell returns", "count(&TILL.returns[reason], self.why);"),
    (
        "shop_courier_parcels_total at shop/src/lib.rs:43: nothing moves its cell parcels",
        "self.parcels\n    .fetch_add(1, Relaxed);",
    ),
    (
        "shop_courier_places at shop/src/lib.rs:45: nothing moves its cell places",
        "COURIERS.add(name, Courier { parcels: Counter::new(), bag: Bag { places: Gauge::new(limit), open: true } });",
    ),
];

/// The module `sales` with the movements but one, and everything that is none.
fn sales(but: Option<usize>) -> String {
    let moves = MOVES.iter().enumerate().filter(|(at, _)| Some(*at) != but).map(|(_, (_, code))| *code);
    format!(
        "//! Sales.\nuse super::{{COPIED, ORDERS}};\nfn sell() {{\n{}\n}}\n{NO_MOVES}",
        moves.collect::<Vec<_>>().join("\n")
    )
}

/// Reading, comparing and making cells at zero, and tests.
const NO_MOVES: &str = r#"
// ORDERS.inc() in a comment
fn look(courier: &Courier) {
    println!("ORDERS.inc() {}", ORDERS.get() & COPIED.get() + FILLED.get() + REFUSED[0].get() + &ITEMS.count());
    let equal = ROLE.get() == Role::Leader && TILL.sales.get() == 0 && TILL.returns.iter().any(|cell| cell.get() > 0);
    let courier = Courier { parcels: AtomicU64::new(0), bag: Bag { places: Gauge::new() } };
    courier.parcels.load(Relaxed) + courier.bag.places.get()
}
#[cfg(test)]
mod tests {
    fn all() { ORDERS.inc(); COPIED.add(1); FILLED.set(1.0); REFUSED[0].inc(); ITEMS.observe(1); ROLE.set(x); count(&TILL.returns); }
}
#[cfg(test)]
#[expect(unused, reason = "a test")]
fn more() { a.sales.inc(); a.parcels.inc(); a.places.set(1); }
"#;

#[test]
fn a_crate_that_moves_every_cell_passes() {
    let output = moved("all", &[("lib.rs", DECLARED), ("sales.rs", &sales(None))], &FAMILIES);
    assert_eq!(said(output), "ukstore: 11 cells, and code that moves each\n");
}

#[test]
fn a_cell_that_nothing_moves_is_named_with_its_place() {
    for (at, (fault, _)) in MOVES.iter().enumerate() {
        let tests = ("sales/tests.rs", "fn all() { ORDERS.inc(); till.sales.inc(); }");
        let output = moved("one", &[("lib.rs", DECLARED), ("sales.rs", &sales(Some(at))), tests], &FAMILIES);
        assert_eq!(faults(output), [format!("error: {fault}: count with it, or remove it")]);
    }
}

#[test]
fn a_private_cell_is_moved_in_its_own_module() {
    let private = r#"counter! {
        /// Orders.
        static ORDERS = "/shop/orders_total", "shop_orders_total";
    }"#;
    let other = ("other.rs", "static ORDERS: Counter = Counter::new(); fn sell() { ORDERS.inc(); }");
    let output = moved("elsewhere", &[("shelf.rs", private), other], &["shop_orders_total"]);
    assert_eq!(faults(output).len(), 1);
    let below = ("shelf/sell.rs", "fn sell() { super::ORDERS.inc(); }");
    let output = moved("below", &[("shelf.rs", private), below], &["shop_orders_total"]);
    assert_eq!(said(output), "ukstore: 1 cells, and code that moves each\n");
}

#[test]
fn a_declaration_that_cannot_be_seen_is_no_success() {
    let hidden = "macro_rules! mine { ($name:literal) => { ukstore::counter! { static X = \"/shop/x\", $name; } } } fn f() { X.inc(); }";
    let output = moved("hidden", &[("lib.rs", hidden)], &["shop_hidden_total"]);
    let faults = faults(output);
    assert!(
        faults[0].contains("shop_hidden_total at shop/src/lib.rs:1: its name is in no declaration there"),
        "{faults:?}"
    );
}

#[test]
fn sources_that_are_not_there_are_no_success() {
    assert!(faults(moved("unreadable", &[("lib.rs", "fn {")], &[]))[0].contains("shop/src/lib.rs: "));
    let elsewhere = Command::new(env!("CARGO_BIN_EXE_ukstore_inspect"))
        .args(["moved", Kernel::right().file("moved_absent").to_str().expect("cargo's folders are UTF-8")])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output();
    assert!(faults(elsewhere.expect("the program starts"))[0].contains("drivers/src"));
}
