//! Compressed scrapes, as `gzip` itself reads them.

use tests::decode::gunzip;
use tests::http::{Connection, Response};
use tests::observed::value;
use tests::{Guest, Machine, Network, PATIENCE, Side, exposition, on_every_machine};

const GZIP: (&str, &str) = ("Accept-Encoding", "deflate, gzip, br, zstd");

/// Asks for `path` with more header fields, on a connection of its own, once management answers.
fn ask(guest: &Guest, path: &str, fields: &[(&str, &str)]) -> Response {
    let answer = tests::eventually(PATIENCE, || {
        let stream = guest.network().connect(Side::Management, 9100, PATIENCE).ok()?;
        Connection::new(stream).ok()?.get_with(path, fields).ok()
    });
    answer.expect("an answer")
}

/// A guest with so much to tell that it takes a while to compress.
fn boot_with_objects(machine: Machine, parameters: &str) -> Guest {
    let boot = Guest::boot(machine, "guest").network(Network::best()).parameters(parameters);
    let guest = boot.words("objects 512").start();
    let _ = guest.line("objects: 512 are there");
    guest
}

fn gunzipped(answer: &Response) -> String {
    String::from_utf8(gunzip(answer).expect("gzip reads it")).expect("UTF-8")
}

fn series(text: &str) -> Vec<&str> {
    exposition::samples(text).map(|(series, _)| series).collect()
}

on_every_machine! {
    fn gunzip_reads_what_is_compressed(machine: Machine) {
        let guest = boot_with_objects(machine, "--metrics-gzip=on");
        let _ = guest.scrape(); // the first of all tells of no scrape before it
        let (plain, compressed) = (ask(&guest, "/metrics", &[]), ask(&guest, "/metrics", &[GZIP]));
        assert_eq!((plain.header("content-encoding"), compressed.header("content-encoding")), (None, Some("gzip")));
        let text = gunzipped(&compressed);
        // The same series, in the same order; the values have moved on.
        assert!(series(&text) == series(&plain.text()), "{text}");
        let (len, text_len) = (compressed.body.len(), text.len());
        assert!(len * 4 < text_len, "{text_len} bytes became {len}");

        // Again and again in the same memory, and nothing was allocated.
        for _ in 0..20 {
            assert_eq!(ask(&guest, "/metrics", &[GZIP]).header("content-encoding"), Some("gzip"));
        }
        let after = ask(&guest, "/metrics", &[]).text();
        assert_eq!(value(&after, "uk_management_allocations_total"), 0.0);
        assert_eq!(value(&after, "uk_heap_used_bytes"), value(&plain.text(), "uk_heap_used_bytes"));
        assert_eq!(value(&after, "uk_scrape_gzip_busy_total"), 0.0);
        drop(guest);

        let guest = boot_with_objects(machine, "");
        assert_eq!(ask(&guest, "/metrics", &[GZIP]).header("content-encoding"), None, "it is off by default");
    }

    fn a_second_one_at_the_same_time_gets_the_text_as_it_is(machine: Machine) {
        const BUSY: &str = "uk_scrape_gzip_busy_total";
        let guest = boot_with_objects(machine, "--metrics-gzip=on");
        let _ = guest.scrape();
        let mut scrapers = [guest.management(), guest.management()];
        let request = format!("GET /metrics HTTP/1.1\r\nHost: guest\r\n{}: {}\r\n\r\n", GZIP.0, GZIP.1);
        // Two requests that meet: more often than not the first time.
        let mut as_it_is = 0;
        let met = tests::eventually(PATIENCE, || {
            for scraper in &mut scrapers {
                scraper.send(request.as_bytes()).unwrap();
            }
            for scraper in &mut scrapers {
                let answer = scraper.receive(false).unwrap();
                let compressed = answer.header("content-encoding").is_some();
                let text = if compressed { gunzipped(&answer) } else { answer.text() };
                assert!(value(&text, "guest_thing_number{thing=\"thing-511\"}") == 511.0, "{text}");
                as_it_is += u32::from(!compressed);
            }
            (as_it_is > 0).then_some(())
        });
        assert!(met.is_some(), "they never met");
        let after = ask(&guest, "/metrics", &[]).text();
        assert_eq!(value(&after, BUSY), f64::from(as_it_is));
        assert_eq!(value(&after, "uk_management_allocations_total"), 0.0);
    }

    fn a_large_reply_is_whole(machine: Machine) {
        const PARTS: usize = 10_000;
        let boot = Guest::boot(machine, "guest").network(Network::best()).parameters("--metrics-gzip=on");
        let guest = boot.words(&format!("formats {PARTS}")).start();
        let _ = guest.line("formats: ready");
        let _ = guest.scrape();
        let plain = ask(&guest, "/metrics", &[]).text();
        assert!(plain.len() > 400_000, "{} bytes", plain.len());
        let text = gunzipped(&ask(&guest, "/metrics", &[GZIP]));
        assert!(series(&text) == series(&plain), "{} bytes", text.len());
        let last = format!("guest_part_total{{part=\"part-{}\"}}", PARTS - 1);
        assert_eq!(value(&text, &last), (PARTS - 1) as f64);
    }
}
