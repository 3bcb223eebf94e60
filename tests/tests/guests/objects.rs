//! Objects come and go while scrapers look on, stalled or not, and nothing is torn, kept or told twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use tests::{Guest, Machine, Network, exposition, on_every_machine};

fn boot(machine: Machine, words: &str) -> Guest {
    Guest::boot(machine, "guest").network(Network::best()).words(words).start()
}

/// The number behind `label` in `line`.
fn number(line: &str, label: &str) -> u64 {
    let digits: String =
        line.split(label).nth(1).unwrap_or_default().trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number behind `{label}` in: {line}"))
}

/// The memory that is used when the objects are gone, beyond what was used before. Connections come and go as well.
fn kept(line: &str) -> u64 {
    number(line, "before,").saturating_sub(number(line, "heap"))
}

/// How often each thing is told in the family, whose samples are called `name`.
fn told(scrape: &str, name: &str) -> BTreeMap<String, u32> {
    let mut told = BTreeMap::new();
    for (series, _) in exposition::samples(scrape).filter(|(series, _)| series.split('{').next() == Some(name)) {
        let thing = series.split("thing=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        *told.entry(thing.to_owned()).or_default() += 1;
    }
    told
}

/// Each sum is of whole observations, and as many as are counted.
fn assert_untorn(scrape: &str) {
    const OBSERVED: f64 = 7.0;
    let samples: BTreeMap<_, _> = exposition::samples(scrape).collect();
    for (series, sum) in samples.iter().filter(|(series, _)| series.starts_with("guest_thing_size_bytes_sum")) {
        let part =
            |series: String| samples.get(&*series).copied().unwrap_or_else(|| panic!("no `{series}` beside its sum"));
        let count = part(series.replace("_sum", "_count"));
        assert_eq!(*sum, count * OBSERVED, "{series} is torn");
        let infinite = series.replace("_sum", "_bucket").replace('}', ",le=\"+Inf\"}");
        assert_eq!(part(infinite), count, "{series} and its last bucket");
    }
}

on_every_machine! {
    fn dropped_while_scrapers_are_stalled(machine: Machine) {
        const COUNT: usize = 256;
        const ASKED: usize = 64;
        let guest = boot(machine, &format!("objects {COUNT}"));
        let _ = guest.line("objects: 256 are there");
        assert_eq!(told(&guest.scrape(), "guest_thing_number").len(), COUNT);
        // These ask and do not read: when all buffers on the way are full, they are stalled in the middle of an answer.
        let mut stalled: Vec<_> = (0..3).map(|_| guest.management()).collect();
        for connection in &mut stalled {
            connection.send("GET /metrics HTTP/1.1\r\nHost: guest\r\n\r\n".repeat(ASKED).as_bytes()).unwrap();
        }
        let _ = guest.scrape(); // served in turn with them, and not behind them

        let _knock = guest.knock();
        let dropped = guest.line("objects: dropped in ");
        let micros = number(&dropped, "dropped in");
        assert!(micros < 1_000_000, "dropping waited for somebody: {dropped}");
        assert!(kept(&dropped) < 4096, "memory is kept: {dropped}");
        assert!(told(&guest.scrape(), "guest_thing_number").is_empty(), "others see at once that they are gone");

        for connection in &mut stalled {
            let answers: Vec<_> = (0..ASKED).map(|_| connection.receive(false).unwrap()).collect();
            let counts: Vec<_> = answers.iter().map(|answer| told(&answer.text(), "guest_thing_number").len()).collect();
            assert!(answers.iter().all(|answer| answer.status == 200), "every answer is whole");
            assert_eq!((counts.first(), counts.last()), (Some(&COUNT), Some(&0)), "it was stalled meanwhile: {counts:?}");
            for answer in answers {
                let text = answer.text();
                assert!(told(&text, "guest_thing_number").values().all(|&times| times == 1), "{text}");
                assert_untorn(&text);
            }
        }
    }

    fn ten_thousand_come_and_go(machine: Machine) {
        const KEEPERS: usize = 16;
        let guest = boot(machine, "churn 10000");
        let _ = guest.line("objects: 16 stay");
        let over = AtomicBool::new(false);
        let scraped = thread::scope(|scope| {
            let scraper = || {
                let mut connection = guest.management();
                let (mut scrapes, mut passers) = (0, 0);
                while !over.load(Relaxed) {
                    let scrape = connection.get("/metrics").unwrap().text();
                    let numbers = told(&scrape, "guest_thing_number");
                    let keepers: Vec<_> = numbers.iter().filter(|(name, _)| name.starts_with("keeper-")).collect();
                    assert_eq!(keepers.len(), KEEPERS, "every one that stays is told: {keepers:?}");
                    assert!(numbers.values().all(|&times| times == 1), "none is told twice: {numbers:?}");
                    assert_untorn(&scrape);
                    passers += numbers.len() - KEEPERS;
                    scrapes += 1;
                }
                (scrapes, passers)
            };
            let scrapers = [scope.spawn(scraper), scope.spawn(scraper)];
            let _knock = guest.knock();
            // Whatever becomes of the guest, the scrapers must end.
            let line = guest.serial.wait_for("came and went", 2 * tests::PATIENCE);
            over.store(true, Relaxed);
            let scraped = scrapers.map(|scraper| scraper.join().unwrap());
            let line = line.unwrap_or_else(|| panic!("they did not come and go"));
            assert!(kept(&line) < 4096, "memory is kept: {line}");
            scraped
        });
        for (scrapes, passers) in scraped {
            assert!(scrapes >= 3 && passers > 0, "{scrapes} scrapes saw {passers} of those that passed");
        }
        let numbers = told(&guest.scrape(), "guest_thing_number");
        assert_eq!(numbers.len(), KEEPERS, "only those that stay are left: {numbers:?}");
    }
}
