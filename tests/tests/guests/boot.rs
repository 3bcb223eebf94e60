//! Machines, network cards and addresses: a guest boots on each of them, and knows its two sides apart.

use tests::network::SIDES;
use tests::{Firmware, Guest, Machine, Network, Outcome, Side, exposition, needs_root, on_every_machine};

/// Whether the guest answers on both sides.
fn answers(guest: &Guest) {
    assert_eq!(guest.get(Side::Service, "/").status, 200);
    let scrape = guest.scrape();
    assert!(exposition::value(&scrape, "uk_build_info") == Some(1.0), "{scrape}");
}

/// Which of the host's wires the guest took for which of its sides, by its own word.
fn cards_are(guest: &Guest, service: Side, management: Side) {
    for (name, card) in [("service", service), ("management", management)] {
        let line = guest.line(&format!("{name} NIC: "));
        assert!(line.contains(card.mac()), "the {name} NIC is not {card:?}'s card: {line}");
    }
}

on_every_machine! {
    fn with_fixed_addresses(machine: Machine) {
        needs_root!("with_fixed_addresses");
        answers(&Guest::boot(machine, "web").network(Network::taps()).start());
    }

    fn with_addresses_from_dhcp(machine: Machine) {
        // QEMU's user-mode network has a DHCP server on each wire, and forwards to the address it leases.
        let guest = Guest::boot(machine, "web").network(Network::user()).start();
        answers(&guest);
        cards_are(&guest, Side::Service, Side::Management);
    }

    fn with_little_memory(machine: Machine) {
        answers(&Guest::boot(machine, "web").network(Network::best()).memory_mib(16).start());
    }

    fn with_much_memory(machine: Machine) {
        // More than one gibibyte on each side of the hole for devices below 4 GiB.
        let guest = Guest::boot(machine, "web").network(Network::best()).memory_mib(4608).start();
        answers(&guest);
        let total = exposition::value(&guest.scrape(), "node_memory_MemTotal_bytes").unwrap_or_default();
        assert!(total > 4500.0 * 1024.0 * 1024.0, "{total} bytes seen");
    }

    fn cards_by_their_addresses(machine: Machine) {
        needs_root!("cards_by_their_addresses");
        let reversed = [Side::Management, Side::Service];
        let guest = Guest::boot(machine, "web")
            .cards(Network::taps(), &reversed)
            .parameters(&format!("--service-mac={} --management-mac={}", Side::Service.mac(), Side::Management.mac()))
            .start();
        answers(&guest);
        cards_are(&guest, Side::Service, Side::Management);
    }

    fn cards_by_their_order(machine: Machine) {
        needs_root!("cards_by_their_order");
        let guest = Guest::boot(machine, "web")
            .cards(Network::taps(), &[Side::Management, Side::Service])
            .parameters("--ipv4=10.0.1.2/24 --management-ipv4=10.0.0.2/24")
            .start();
        cards_are(&guest, Side::Management, Side::Service);
        let listens = || guest.network().connect(Side::Management, 80, tests::PATIENCE).ok();
        assert!(tests::eventually(tests::PATIENCE, listens).is_some(), "the first card serves, whatever wire it is on");
    }

    fn a_card_that_is_not_there(machine: Machine) {
        let mut guest = Guest::boot(machine, "guest")
            .network(Network::best())
            .parameters("--service-mac=52:54:00:12:34:77")
            .words("return")
            .start();
        guest.expect_outcome(Outcome::BootFailure);
        let _ = guest.line("52:54:00:12:34:77");
    }

    fn one_card_only(machine: Machine) {
        needs_root!("one_card_only");
        let boot = || Guest::boot(machine, "web").cards(Network::taps(), &[Side::Service]);
        let guest = boot().start();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        let said = guest.serial.text();
        assert!(said.contains("--management=shared"), "no word on what to do:\n{said}");
        let refused = guest.network().connect(Side::Service, 9100, tests::PATIENCE);
        assert!(refused.is_err(), "management shares a card only when told to");
        drop(guest);

        let guest = boot().parameters("--management=shared").start();
        let ask = || {
            let stream = guest.network().connect(Side::Service, 9100, tests::PATIENCE).ok()?;
            tests::http::Connection::new(stream).ok()?.get("/metrics").ok()
        };
        let response = tests::eventually(tests::PATIENCE, ask);
        assert_eq!(response.expect("management answers on the service's card").status, 200);
        assert_eq!(guest.get(Side::Service, "/").status, 200);
    }

    fn management_can_be_off(machine: Machine) {
        needs_root!("management_can_be_off");
        let guest = Guest::boot(machine, "web").network(Network::taps()).parameters("--management=off").start();
        assert_eq!(guest.get(Side::Service, "/").status, 200);
        for side in SIDES {
            let stream = guest.network().connect(side, 9100, std::time::Duration::from_secs(1));
            assert!(stream.is_err(), "nothing of management is on {side:?}");
        }
    }

    fn names_itself(machine: Machine) {
        let name_of = |guest: &Guest| {
            let page = guest.get(Side::Management, "/").text();
            page.split_once("<h1>").and_then(|(_, rest)| Some(rest.split_once("</h1>")?.0.to_owned()))
        };
        let guest = Guest::boot(machine, "web").network(Network::best()).start();
        assert_eq!(name_of(&guest).as_deref(), Some("uk-123402"), "after its management card");
        drop(guest);
        let guest = Guest::boot(machine, "web").network(Network::best()).parameters("--name=shop-7").start();
        assert_eq!(name_of(&guest).as_deref(), Some("shop-7"));
    }
}

#[test]
fn on_the_old_chipset() {
    answers(&Guest::boot(Machine::Pc, "web").network(Network::best()).start());
}

#[test]
fn with_a_full_bios() {
    answers(&Guest::boot(Machine::Q35, "web").firmware(Firmware::Seabios).network(Network::best()).start());
}

#[test]
fn without_a_card_at_all() {
    let mut guest = Guest::boot(Machine::Q35, "web").start();
    guest.expect_outcome(Outcome::BootFailure);
    assert!(guest.serial.text().contains("virtio"), "a line says what is missing:\n{}", guest.serial.text());
}
