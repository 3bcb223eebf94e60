//! `make demo`'s program, as a person at a terminal meets it: all it shows is there, and goes with it.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tests::network::Namespace;
use tests::{PATIENCE, Process, SerialLog, eventually, http, image, skip};

/// The demo, up to its last word of what there is to see; in a network of its own, where this process may make one.
struct Demo {
    process: Process,
    said: SerialLog,
    namespace: Option<Namespace>,
    /// Where all share the host's ports, one demo at a time: a port is found free before it is taken.
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Demo {
    fn start(options: &[(&str, &str)]) -> Self {
        static PORTS: Mutex<()> = Mutex::new(());
        let namespace = skip::is_root().then(|| Namespace::new().unwrap());
        // It guards no data that a test which failed could have broken.
        let alone = namespace.is_none().then(|| PORTS.lock().unwrap_or_else(PoisonError::into_inner));
        let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
        command.env_remove("NET").env_remove("DEMO_SECONDS").envs(options.iter().copied());
        command.arg(image("web")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = Process::start(&mut command, namespace.as_ref()).unwrap();
        let said = SerialLog::collect(process.child().stdout.take().unwrap(), |_| ());
        let demo = Self { process, said, namespace, _alone: alone };
        assert!(
            demo.said.wait_for("Visitors come to", 2 * PATIENCE).is_some(),
            "it does not begin:\n{}",
            demo.said.text()
        );
        demo
    }

    /// Does `work` where the demo's addresses are reached.
    fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.namespace {
            Some(namespace) => namespace.run(work),
            None => work(),
        }
    }

    fn get(&self, url: &str) -> http::Response {
        let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("a URL");
        let stream = self.run(|| TcpStream::connect(host)).unwrap_or_else(|error| panic!("{url}: {error}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        http::Connection::new(stream).unwrap().get(&format!("/{path}")).unwrap()
    }

    /// Every URL it has shown.
    fn urls(&self) -> Vec<String> {
        let words = self.said.lines().join(" ");
        words.split_ascii_whitespace().filter(|word| word.starts_with("http://")).map(str::to_owned).collect()
    }

    /// The processes it has told of: its guests, Prometheus and Alertmanager.
    fn processes(&self) -> Vec<u32> {
        let lines = self.said.lines();
        let told = lines.iter().filter(|line| line.contains("kill ") || line.contains("is process"));
        let number = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok();
        told.flat_map(|line| line.rsplit([' ', ',']).filter_map(number).collect::<Vec<u32>>())
            .filter(|id| *id > 9)
            .collect()
    }

    /// Waits until it has ended, and looks for what it may have left.
    fn ends(mut self) {
        let (own, processes) = (self.process.id(), self.processes());
        assert_eq!(processes.len(), 5, "{}", self.said.text());
        let status = self.process.wait(PATIENCE).unwrap().expect("it ends");
        assert!(status.success(), "{status}:\n{}", self.said.text());
        for id in processes {
            assert!(!std::fs::exists(format!("/proc/{id}")).unwrap(), "process {id} is left");
        }
        let files = std::fs::read_dir(std::env::temp_dir()).unwrap().map(|entry| entry.unwrap().file_name());
        let its: Vec<_> =
            files.filter(|name| name.to_string_lossy().starts_with(&format!("periscope-{own}-"))).collect();
        assert!(its.is_empty(), "left: {its:?}");
        if self.namespace.is_some() {
            let interfaces = self.run(|| std::fs::read_to_string("/proc/thread-self/net/dev")).unwrap();
            assert!(!interfaces.contains("periscope"), "{interfaces}");
        }
        for url in self.urls() {
            let host = url.split('/').nth(2).expect("a URL has a host").to_owned();
            let reached = self.run(|| TcpStream::connect_timeout(&host.parse().unwrap(), Duration::from_secs(1)));
            assert!(reached.is_err(), "{url} is still served");
        }
    }
}

#[test]
fn shows_what_it_says_and_ends_on_ctrl_c() {
    let demo = Demo::start(&[]);
    let urls = demo.urls();
    for url in &urls {
        assert_eq!(demo.get(url).status, 200, "{url}");
    }
    let targets = urls.iter().find(|url| url.ends_with("/targets")).expect("Prometheus' page of targets");
    let prometheus = format!("http://{}", targets.split('/').nth(2).expect("a URL has a host"));
    let value = |expression: &str| {
        let answer = demo.get(&format!("{prometheus}/api/v1/query?query={}", http::percent_encoded(expression)));
        let reply: Value = serde_json::from_slice(&answer.body).unwrap();
        reply["data"]["result"][0]["value"][1].as_str().and_then(|value| value.parse::<f64>().ok())
    };
    assert_eq!(value("sum(up)"), Some(3.0));
    assert_eq!(value("count(count by (vm) (up))"), Some(3.0));
    // Visitors come to one of them, and some of them ask for what is not there.
    let visited = || (value("count(rate(web_requests_total{code=~\"200|404\"}[10s]) > 0)") == Some(2.0)).then_some(());
    assert!(eventually(PATIENCE, visited).is_some(), "nobody visits");
    // Each of the graphs it links to shows something.
    for graph in urls.iter().filter(|url| url.contains("/graph?")) {
        for part in graph.split(['?', '&']).filter(|part| part.contains(".expr=")) {
            let query = format!("{prometheus}/api/v1/query?query={}", part.split_once('=').expect("a parameter").1);
            let shown = || {
                let reply: Value = serde_json::from_slice(&demo.get(&query).body).unwrap();
                (!reply["data"]["result"].as_array()?.is_empty()).then_some(())
            };
            assert!(eventually(PATIENCE, shown).is_some(), "nothing to see at {query}");
        }
    }
    kill(Pid::from_raw(demo.process.id().cast_signed()), Signal::SIGINT).unwrap();
    demo.ends();
}

#[test]
fn tells_of_a_guest_that_ends_and_ends_in_time() {
    let demo = Demo::start(&[("NET", "user"), ("DEMO_SECONDS", "3")]);
    let line = demo.said.wait_for("demo-2: kill ", Duration::ZERO).expect("how to end a guest");
    let guest = line.split("kill ").nth(1).unwrap().parse().expect("a process id");
    kill(Pid::from_raw(guest), Signal::SIGTERM).unwrap();
    assert!(demo.said.wait_for("demo-2 has ended", PATIENCE).is_some(), "{}", demo.said.text());
    demo.ends();
}
