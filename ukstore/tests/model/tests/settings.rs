//! Settings that two write while a third reads: the value and the memory of who wrote it are changed as one.

use std::net::{IpAddr, Ipv4Addr};

use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner, thread};
use ukstore_model::{LastWrite, Node, SettingRecord, Value, Writer, lookup};

ukstore_model::setting! {
    /// A number.
    static NUMBER: u64 = 0, "/m/number";
    /// Words.
    static WORDS: text(8) = "0", "/m/words";
}

fn writer(number: u64) -> Writer {
    Writer::Network(IpAddr::V4(Ipv4Addr::from_bits(number as u32)))
}

fn record(path: &str) -> &'static SettingRecord {
    match lookup(path) {
        Ok(Node::Leaf(leaf)) => leaf.setting().expect("it is declared above"),
        other => panic!("{path}: {other:?}"),
    }
}

/// The number, and who wrote it.
fn read(record: &SettingRecord) -> (u64, Option<LastWrite>) {
    critical_section::with(|_| {
        let number = match (record.value(), record.text()) {
            (Value::U64(number), _) => number,
            (_, Some(text)) => text.as_str().parse().expect("only numbers are written"),
            other => panic!("{other:?}"),
        };
        (number, record.last_write())
    })
}

const MOST_ORDERS: usize = 1_000_000;

/// Two write, in every order with one who reads twice.
fn writers_and_a_reader(path: &'static str) {
    let model = move || {
        let writers = [1, 2].map(|number: u64| {
            thread::spawn(move || record(path).write(&number.to_string(), writer(number)).expect("it takes any"))
        });
        for _ in 0..2 {
            if let (number, Some(last)) = read(record(path)) {
                assert_eq!(last.by, writer(number));
            }
        }
        writers.into_iter().for_each(|writer| writer.join().expect("no assertion is in there"));
        let (number, last) = read(record(path));
        assert_eq!(last.map(|last| last.by), Some(writer(number)));
    };
    let orders = Runner::new(DfsScheduler::new(Some(MOST_ORDERS), false), Config::new()).run(model);
    println!("{orders} orders");
    assert!((2..MOST_ORDERS).contains(&orders));
}

#[test]
fn a_number_and_who_wrote_it_belong_together() {
    writers_and_a_reader("/m/number");
}

#[test]
fn words_and_who_wrote_them_belong_together() {
    writers_and_a_reader("/m/words");
}
