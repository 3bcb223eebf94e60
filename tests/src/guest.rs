//! A guest: one QEMU process, from its options to its exit status.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{io, thread};

use crate::files::Scratch;
use crate::http::{self, Response};
use crate::machine::{Accelerator, Firmware, Machine};
use crate::network::{Network, SIDES, Side};
use crate::outcome::Outcome;
use crate::process::{CpuTime, Process};
use crate::serial::SerialLog;
use crate::wait::{PATIENCE, eventually};

/// How to boot a guest; [`Boot::start`] does it.
#[derive(Debug)]
pub struct Boot {
    machine: Machine,
    firmware: Firmware,
    accelerator: Accelerator,
    image: PathBuf,
    memory_mib: u32,
    parameters: String,
    parameter_file: Option<String>,
    words: String,
    network: Option<Network>,
    cards: Vec<Side>,
    options: Vec<String>,
    echo: fn(&str),
}

/// A guest that runs, or ran. Dropping it ends it.
#[derive(Debug)]
pub struct Guest {
    // Fields are dropped in this order: the machine before its wires.
    process: Process,
    /// What it wrote on its serial port.
    pub serial: SerialLog,
    complaints: SerialLog,
    network: Option<Network>,
    _files: Scratch,
}

impl Guest {
    /// Begins to describe a guest: the image `name` that `make build` made, on `machine`, with 64 MiB and no network.
    #[must_use]
    pub fn boot(machine: Machine, name: &str) -> Boot {
        Boot::new(machine, crate::files::image(name))
    }

    /// The wires it is on. Panics for a guest that was booted without any.
    #[must_use]
    pub fn network(&self) -> &Network {
        self.network.as_ref().expect("this guest was booted with a network")
    }

    /// Asks it for `path` over HTTP, on management's port 9100 or the service's port 80, until it answers.
    /// Panics, with its log, if it does not in [`PATIENCE`].
    #[must_use]
    pub fn get(&self, side: Side, path: &str) -> Response {
        let port = if side == Side::Management { 9100 } else { 80 };
        let ask = || {
            let stream = self.network().connect(side, port, Duration::from_secs(2)).ok()?;
            http::Connection::new(stream).ok()?.get(path).ok()
        };
        self.or_show_log(eventually(PATIENCE, ask), || format!("no answer for {path} on {side:?}"))
    }

    /// A connection to management's port, for several requests on one.
    #[must_use]
    pub fn management(&self) -> http::Connection {
        let stream = self.network().connect(Side::Management, 9100, PATIENCE);
        let connection = stream.and_then(http::Connection::new).ok();
        self.or_show_log(connection, || "management does not listen".to_owned())
    }

    /// Connects to the program's port 80 and says nothing: programs that wait for this go on. The connection stays open
    /// as long as what is returned.
    #[must_use]
    pub fn knock(&self) -> TcpStream {
        let stream = self.network().connect(Side::Service, 80, PATIENCE).ok();
        self.or_show_log(stream, || "the program has no door to knock at".to_owned())
    }

    /// What `/metrics` says now, once it answers with 200.
    #[must_use]
    pub fn scrape(&self) -> String {
        let response = self.get(Side::Management, "/metrics");
        assert_eq!(response.status, 200, "{}", response.text());
        response.text()
    }

    /// A line of the serial log with `pattern` in it. Panics, with the log, if none comes in [`PATIENCE`].
    #[must_use]
    pub fn line(&self, pattern: &str) -> String {
        self.or_show_log(self.serial.wait_for(pattern, PATIENCE), || format!("no line with `{pattern}`"))
    }

    /// Waits for it to end. One that is still there after `deadline` is killed, and hung.
    pub fn outcome(&mut self, deadline: Duration) -> Outcome {
        let status = self.process.wait(deadline).expect("a child can be waited for");
        let Some(status) = status else {
            self.process.kill();
            return Outcome::Hang;
        };
        // Its last words may still be in the pipe.
        self.serial.wait_for_end(PATIENCE);
        Outcome::of(status)
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ended(&mut self) -> Option<Outcome> {
        self.process.wait(Duration::ZERO).expect("a child can be waited for").map(Outcome::of)
    }

    /// Waits for it to end, and panics, with its log, unless it ended as `expected`.
    pub fn expect_outcome(&mut self, expected: Outcome) {
        let deadline = if expected == Outcome::Hang { Duration::from_secs(5) } else { PATIENCE };
        let outcome = self.outcome(deadline);
        self.or_show_log((outcome == expected).then_some(()), || format!("ended by {outcome:?}, not {expected:?}"));
    }

    /// Ends it now.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// The process id of its QEMU.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The CPU time that QEMU has used for it.
    pub fn cpu_time(&self) -> io::Result<CpuTime> {
        self.process.cpu_time()
    }

    /// What QEMU itself had to say, on its standard error.
    #[must_use]
    pub fn complaints(&self) -> String {
        self.complaints.text()
    }

    /// All that it and QEMU have said, for a person.
    #[must_use]
    pub fn log(&self) -> String {
        let mut text = String::from("--- the guest's serial log ---\n");
        text += &self.serial.text();
        let complaints = self.complaints();
        if !complaints.is_empty() {
            text += "\n--- QEMU says ---\n";
            text += &complaints;
        }
        text
    }

    fn or_show_log<T>(&self, result: Option<T>, failure: impl FnOnce() -> String) -> T {
        result.unwrap_or_else(|| panic!("{}", failure()))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // Whatever a test found wrong, this is what one reads first. The runner shows it for failing tests alone.
        if thread::panicking() {
            eprintln!("{}\n---", self.log());
        }
    }
}

impl Boot {
    /// A guest made of the file `image`.
    #[must_use]
    pub fn new(machine: Machine, image: PathBuf) -> Self {
        Self {
            machine,
            firmware: Firmware::default(),
            accelerator: Accelerator::default(),
            image,
            memory_mib: 64,
            parameters: String::new(),
            parameter_file: None,
            words: String::new(),
            network: None,
            cards: Vec::new(),
            options: Vec::new(),
            echo: |_| (),
        }
    }

    /// Puts it on `network` with both cards, and tells it its addresses.
    #[must_use]
    pub fn network(self, network: Network) -> Self {
        self.cards(network, &SIDES)
    }

    /// Puts it on `network` with only the cards of `sides`, in that order.
    #[must_use]
    pub fn cards(mut self, network: Network, sides: &[Side]) -> Self {
        self.network = Some(network);
        self.cards = sides.to_vec();
        self
    }

    /// Adds boot parameters to its command line.
    #[must_use]
    pub fn parameters(mut self, parameters: &str) -> Self {
        self.parameters += " ";
        self.parameters += parameters;
        self
    }

    /// Gives it boot parameters through `fw_cfg`, where no process list shows them.
    #[must_use]
    pub fn parameter_file(mut self, content: &str) -> Self {
        self.parameter_file = Some(content.to_owned());
        self
    }

    /// The words for the program: what follows a bare `--` on the command line.
    #[must_use]
    pub fn words(mut self, words: &str) -> Self {
        self.words = words.to_owned();
        self
    }

    /// Its memory.
    #[must_use]
    pub fn memory_mib(mut self, memory_mib: u32) -> Self {
        self.memory_mib = memory_mib;
        self
    }

    /// What starts the kernel.
    #[must_use]
    pub fn firmware(mut self, firmware: Firmware) -> Self {
        self.firmware = firmware;
        self
    }

    /// Who executes its instructions.
    #[must_use]
    pub fn accelerator(mut self, accelerator: Accelerator) -> Self {
        self.accelerator = accelerator;
        self
    }

    /// Adds options of QEMU's, as they are.
    #[must_use]
    pub fn options(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// Calls `echo` for each serial line as it comes.
    #[must_use]
    pub fn echo(mut self, echo: fn(&str)) -> Self {
        self.echo = echo;
        self
    }

    /// Boots it, for a test: panics if that cannot even begin.
    #[must_use]
    pub fn start(self) -> Guest {
        let image = self.image.clone();
        assert!(image.exists(), "there is no {}: make test builds it", image.display());
        self.try_start().unwrap_or_else(|error| panic!("cannot start qemu-system-x86_64: {error}"))
    }

    /// Boots it. Fails if QEMU is not installed; what QEMU itself dislikes shows in the outcome.
    pub fn try_start(self) -> io::Result<Guest> {
        let files = Scratch::new()?;
        let mut command = self.command(&files)?;
        let inherited = self.network.iter().flat_map(|net| SIDES.map(|side| net.backend(side).1)).flatten();
        let inherited: Vec<_> = inherited.collect();
        let mut process = Process::start_with(&mut command, None, &inherited)?;
        let stdout = process.child().stdout.take().expect("it was piped");
        let stderr = process.child().stderr.take().expect("it was piped");
        let serial = SerialLog::collect(stdout, self.echo);
        let complaints = SerialLog::collect(stderr, |_| ());
        Ok(Guest { process, serial, complaints, network: self.network, _files: files })
    }

    fn command(&self, files: &Scratch) -> io::Result<Command> {
        let mut command = Command::new("qemu-system-x86_64");
        command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        command.args(self.machine.options(self.firmware)).args(self.accelerator.options());
        command.args(["-m", &self.memory_mib.to_string()]).arg("-kernel").arg(&self.image);
        command.args(["-append", &self.command_line()]);
        command.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]);
        // `signal=off` only keeps QEMU from touching a terminal it may find.
        command.args(["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"]);
        if let Some(content) = &self.parameter_file {
            let file = files.write("params", content)?;
            command.args(["-fw_cfg", &format!("name=opt/periscope/params,file={}", path(&file))]);
        }
        for side in &self.cards {
            let network = self.network.as_ref().expect("cards come with a network");
            command.args(["-netdev", &network.backend(*side).0]);
            command.args(["-device", &self.machine.network_card(side.name(), side.mac())]);
        }
        command.args(&self.options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    fn command_line(&self) -> String {
        let mut line = self.parameters.trim().to_owned();
        if let Some(network) = &self.network {
            for word in network.boot_words().split_ascii_whitespace() {
                let (name, _) = word.split_once('=').unwrap_or((word, ""));
                let has_card = self.cards.contains(&Side::Management) || !name.contains("management");
                // Whoever names an address himself means it.
                if has_card && !line.contains(name) {
                    line = format!("{word} {line}");
                }
            }
        }
        if !self.words.is_empty() {
            let _ = write!(line, " -- {}", self.words);
        }
        line.trim().to_owned()
    }
}

/// QEMU takes a comma in an option's value doubled.
fn path(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}
