//! A host of a test's own, for what an operator does as root: it installs files, makes bridges and starts services, with
//! `/etc`, `/run`, `/var`, `/usr/local`, processes and networks that nobody else sees. It is namespaces, no machine: the
//! kernel, its devices and `/usr` are those of whoever runs the test. Needs root.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, thread};

use crate::files::{Scratch, repository};
use crate::http;
use crate::network::Namespace;
use crate::process::Process;
use crate::skip::{is_root, skip};

/// The host. Dropping it ends every process in it.
#[derive(Debug)]
pub struct Host {
    // Before the folders, which its processes use.
    first: Process,
    namespace: Namespace,
    files: Scratch,
}

/// No command of an operator's takes longer; one that hangs is to fail.
const PATIENCE_SECONDS: &str = "120";

impl Host {
    /// Makes one. Fails, and says why, where the kernel does not let this process have namespaces.
    fn new() -> io::Result<Self> {
        let files = Scratch::new()?;
        let namespace = Namespace::new()?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]);
        command.arg(repository().join("tests/host.sh")).arg(files.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut first = Process::start(&mut command, Some(&namespace))?;
        let mut said = String::new();
        BufReader::new(first.child().stdout.take().expect("it was piped")).read_line(&mut said)?;
        if said != "ready\n" {
            let stderr = first.child().stderr.take().expect("it was piped");
            let why: Vec<_> = BufReader::new(stderr).lines().map_while(Result::ok).collect();
            return Err(io::Error::other(why.join("\n")));
        }
        Ok(Self { first, namespace, files })
    }

    /// One on which the commands under `headings` of `deploy/README.md` were typed. None, after a word that `test` is
    /// skipped, without root or where namespaces are not allowed.
    #[must_use]
    pub fn prepared(test: &str, headings: &[&str]) -> Option<Self> {
        if !is_root() {
            skip(test, "needs root, for namespaces of its own");
            return None;
        }
        match Self::new() {
            Ok(host) => {
                headings.iter().for_each(|heading| host.follow(heading));
                Some(host)
            }
            Err(why) => {
                skip(test, &format!("no host of its own here: {why}"));
                None
            }
        }
    }

    /// Types the commands under `heading` of `deploy/README.md`.
    pub fn follow(&self, heading: &str) {
        self.run(&commands_of(heading));
    }

    /// Runs the shell commands of `script` in the repository, as root of this host, until one fails. Returns what they
    /// wrote; panics if one failed, with all that was said.
    pub fn run(&self, script: &str) -> String {
        let output = self.try_run(script, "");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}:\n{script}\n--- said ---\n{stdout}\n{stderr}", output.status);
        stdout
    }

    /// The same with `input`, for commands that may fail.
    #[must_use]
    pub fn try_run(&self, script: &str, input: &str) -> Output {
        let mut command = self.command(&["timeout", "-k", "1", PATIENCE_SECONDS, "sh", "-euc", script]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let run = || {
            let mut child = command.spawn()?;
            // It may end without having read it.
            let _ = child.stdin.take().expect("it was piped").write_all(input.as_bytes());
            child.wait_with_output()
        };
        self.namespace.run(run).unwrap_or_else(|error| panic!("cannot run `{script}`: {error}"))
    }

    /// Starts a service that stays in the foreground, with its words in the file `log`. It ends with the host.
    pub fn start(&self, service: &str, log: &str) {
        self.run(&format!("setsid {service} </dev/null >>{log} 2>&1 &"));
    }

    /// `words` as a command in this host, but for its networks: whoever starts it has to be in their namespace.
    fn command(&self, words: &[&str]) -> Command {
        let first = self.first.id();
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{first}/ns/mnt"));
        command.arg(format!("--pid=/proc/{first}/ns/pid_for_children"));
        // Entering changes the working directory.
        command.arg(format!("--wd={}", repository().display()));
        // As on a host that was just started: a shell's settings are not the services'.
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C");
        command.arg("--").args(words);
        command
    }

    /// Where this host's file or folder `path`, of those that are its own, is found from outside.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.files.path().join(path.trim_start_matches('/'))
    }

    /// The networks of this host.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// What `path` at `address` answers to this host.
    pub fn get(&self, address: SocketAddrV4, path: &str) -> io::Result<http::Response> {
        let patience = Duration::from_secs(2);
        let stream = self.namespace.run(|| TcpStream::connect_timeout(&address.into(), patience))?;
        stream.set_read_timeout(Some(patience))?;
        http::Connection::new(stream)?.get(path)
    }

    /// The names of the files in this host's folder `path`, sorted; none if there is no such folder.
    #[must_use]
    pub fn list(&self, path: &str) -> Vec<String> {
        let Ok(folder) = fs::read_dir(self.path(path)) else { return Vec::new() };
        let mut names: Vec<_> = folder.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Whatever a test found wrong, what the host's services said of it is what one reads first.
        if thread::panicking() {
            for log in ["var/log/libvirtd.log", "var/log/prometheus.log"] {
                if let Ok(text) = fs::read_to_string(self.path(log)) {
                    let last: Vec<_> = text.lines().rev().take(30).collect();
                    eprintln!("--- the last of {log} ---\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
                }
            }
        }
    }
}

/// The commands of the console example that follows the heading `heading` in `deploy/README.md`: what an operator types.
fn commands_of(heading: &str) -> String {
    let readme = fs::read_to_string(repository().join("deploy/README.md")).expect("deploy/README.md is there");
    let commands = console_commands(&readme, heading);
    assert!(!commands.is_empty(), "deploy/README.md has no commands under `{heading}`");
    commands
}

/// Of the first ```` ```console ```` block after the heading's line: the lines that begin with `# `, root's prompt.
fn console_commands(text: &str, heading: &str) -> String {
    let mut lines = text.lines().skip_while(|line| line.trim_start_matches('#') != format!(" {heading}"));
    let _ = lines.by_ref().find(|line| *line == "```console");
    let block = lines.take_while(|line| *line != "```");
    block.filter_map(|line| line.strip_prefix("# ")).map(|command| format!("{command}\n")).collect()
}

/// `text` as one word of a shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A file of the repository.
#[must_use]
pub fn shipped(path: &str) -> String {
    let path: &Path = &repository().join(path);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::console_commands;

    #[test]
    fn takes_the_commands_of_one_example() {
        let text =
            "## One\n```console\n# a\nsaid\n```\n## Two\ntext\n```console\n# b\n# c\n```\n```console\n# d\n```\n";
        assert_eq!(console_commands(text, "One"), "a\n");
        assert_eq!(console_commands(text, "Two"), "b\nc\n");
        assert_eq!(console_commands(text, "Three"), "");
    }
}
