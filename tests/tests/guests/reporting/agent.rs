//! A Prometheus agent that scrapes a guest and writes to a Prometheus that stays, both as `deploy/` configures them.

use tests::deploy::adapted;
use tests::prometheus::Prometheus;
use tests::{Guest, Machine, Network, Scratch, Side, skip};

#[test]
fn what_an_agent_scrapes_gets_to_the_receiver() {
    skip::on(Machine::Q35, "what_an_agent_scrapes_gets_to_the_receiver", |machine| {
        let guest = Guest::boot(machine, "web").network(Network::user()).start();
        let _ = guest.scrape();
        let network = guest.network();
        let receiver = Prometheus::receiver(network).unwrap();
        // What discovery writes for each guest.
        let files = Scratch::new().unwrap();
        let target = network.address(Side::Management, 9100);
        let entry = format!(r#"[{{"targets": ["{target}"], "labels": {{"vm": "web-1", "host": "hv-1"}}}}]"#);
        files.write("web-1.json", &entry).unwrap();
        let configuration = adapted(
            "deploy/prometheus/agent.yml",
            &[
                ("scrape_interval: 15s", "scrape_interval: 1s"),
                ("scrape_timeout: 10s", "scrape_timeout: 1s"),
                ("/etc/prometheus/periscope", &files.path().display().to_string()),
                ("localhost:9090", &format!("127.0.0.1:{}", receiver.port())),
            ],
        );
        let _agent = Prometheus::agent(network, &configuration.unwrap()).unwrap();
        let labels = r#"job="periscope", instance="web-1", vm="web-1", host="hv-1""#;
        receiver.expect(&format!("up{{{labels}}}"), 1.0).unwrap();
        receiver.expect(&format!("uk_uptime_seconds{{{labels}}} > bool 0"), 1.0).unwrap();
        // What the rules record of it.
        receiver.expect(&format!("instance:uk_heap_used:ratio{{{labels}}} > bool 0"), 1.0).unwrap();
    });
}
