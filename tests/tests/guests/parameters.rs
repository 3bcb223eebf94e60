//! A boot parameter that cannot be stops the boot, with its own exit status and a line that names it and says why.

use tests::{Guest, Machine, Network, Outcome, PATIENCE, Side, exposition, needs_root, on_every_machine};

/// Parameters that cannot be, and the word that must be named.
const BAD: &[&str] = &[
    "--nonsense",
    "nonsense",
    "--ipv4=10.0.0",
    "--ipv4=10.0.0.300/24",
    "--ipv4=10.0.0.2/33",
    "--ipv4=10.0.0.0/24",
    "--ipv4-gateway=here",
    "--management-ipv4=10.0.1.2",
    "--management-ipv4-gateway=10.0.1.1.1",
    "--service-mac=52:54:00:12:34",
    "--management-mac=zz:54:00:12:34:02",
    "--management=sometimes",
    "--management-cpu=much",
    "--management-cpu=101%",
    "--management-cpu=0%",
    "--management-port=65536",
    "--allow=10.0.0.1/8",
    "--allow=everybody",
    "--metrics-gzip=yes",
    "--metrics-created=yes",
    "--logs=loud",
    "--monitor-adjust=0",
    "--metrics=perhaps",
    "--metrics=off,nobody:on",
    "--debug-faults=perhaps",
    "--name=",
    "--name=a_b",
    "--name",
];

on_every_machine! {
    fn the_word_is_named(machine: Machine) {
        for word in BAD {
            let mut guest = Guest::boot(machine, "guest").parameters(word).words("return").start();
            assert_eq!(guest.outcome(PATIENCE), Outcome::BadParameter, "for {word}");
            let line = guest.line(word);
            let why = line.split_once(word).map_or("", |(_, why)| why.trim_start_matches([':', ' ']));
            assert!(line.contains("boot parameter") && !why.is_empty(), "no reason in: {line}");
        }
    }

    fn a_secret_is_not_shown(machine: Machine) {
        // Not even where the parameter's name is mistyped.
        for (name, why) in [("--metrics-auth", "sha256sum"), ("--metrics_auth", "unknown parameter")] {
            let file = format!("{name}=bearer:secret\n");
            let mut guest = Guest::boot(machine, "guest").parameter_file(&file).words("return").start();
            guest.expect_outcome(Outcome::BadParameter);
            let line = guest.line(&format!("{name}: "));
            assert!(!guest.log().contains("secret") && line.contains(why), "{line}");
        }
    }

    fn given_twice(machine: Machine) {
        let mut guest = Guest::boot(machine, "guest").parameters("--name=a --name=b").words("return").start();
        guest.expect_outcome(Outcome::BadParameter);
        let _ = guest.line("--name=b");
    }

    fn in_a_file(machine: Machine) {
        let mut guest = Guest::boot(machine, "guest").parameter_file("--name=a\n--secret=b\n").words("return").start();
        guest.expect_outcome(Outcome::BadParameter);
        let _ = guest.line("--secret");
    }

    fn a_file_s_parameters_hold(machine: Machine) {
        let guest = Guest::boot(machine, "guest")
            .network(Network::best())
            .parameter_file("--name=from-a-file\n")
            .words("serve")
            .start();
        let page = guest.get(Side::Management, "/").text();
        assert!(page.contains("<h1>from-a-file</h1>"), "{page}");
    }

    fn words_after_the_dashes_are_the_program_s(machine: Machine) {
        let mut guest =
            Guest::boot(machine, "guest").network(Network::best()).words("return --nonsense=1 -- --ipv4=no").start();
        guest.expect_outcome(Outcome::Success);
    }

    fn the_management_port_can_be_moved(machine: Machine) {
        needs_root!("the_management_port_can_be_moved");
        let guest = Guest::boot(machine, "guest")
            .network(Network::best())
            .parameters("--management-port=80 --name=moved")
            .words("serve")
            .start();
        let ask = || {
            let stream = guest.network().connect(Side::Management, 80, PATIENCE).ok()?;
            tests::http::Connection::new(stream).ok()?.get("/metrics").ok()
        };
        let scrape = tests::eventually(PATIENCE, ask).expect("management answers on port 80");
        assert!(exposition::value(&scrape.text(), "node_time_seconds").is_some());
        let refused = guest.network().connect(Side::Management, 9100, PATIENCE);
        assert!(refused.is_err(), "9100 is closed then");
    }
}
