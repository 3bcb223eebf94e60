//! What `make run` was asked for. Every complaint names the variable and what it may be.

use std::env;
use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use ::tests::{Accelerator, Firmware, Machine};

/// The choices of one run.
#[derive(Debug)]
pub(crate) struct Options {
    /// The image to boot: the one argument.
    pub(crate) image: PathBuf,
    /// `MACHINE`: `q35` (the default), `pc` or `microvm`.
    pub(crate) machine: Machine,
    /// `ACCEL`: `tcg` (the default) or `kvm`.
    pub(crate) accelerator: Accelerator,
    /// `FIRMWARE`: `qboot` (the default) or `seabios`, on q35.
    pub(crate) firmware: Firmware,
    /// `NET`: `user` (the default) or `tap`.
    pub(crate) wires: Wires,
    /// `MEM`, in MiB.
    pub(crate) memory_mib: u32,
    /// `METRICS_PORT` and `WEB_PORT`: where to begin to look for a free port of the host.
    pub(crate) metrics_port: u16,
    pub(crate) web_port: u16,
    /// `ARGS`, up to a bare `--`.
    pub(crate) parameters: String,
    /// `ARGS`, after a bare `--`: for the program.
    pub(crate) words: String,
}

/// How the guest's cards are wired to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wires {
    /// QEMU's user-mode network: needs no privilege.
    User,
    /// Two taps on the host.
    Tap,
}

impl FromStr for Wires {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "user" => Ok(Self::User),
            "tap" => Ok(Self::Tap),
            _ => Err(format!("`{name}` is none of user, tap")),
        }
    }
}

impl Options {
    /// Reads them from the command line and the environment.
    pub(crate) fn read() -> Result<Self, String> {
        let mut arguments = env::args_os().skip(1);
        let image = arguments.next().map(PathBuf::from).ok_or("usage: run IMAGE (make run does it)")?;
        let (parameters, words) = split_words(&env::var("ARGS").unwrap_or_default());
        Ok(Self {
            image,
            machine: choice("MACHINE", "q35")?,
            accelerator: choice("ACCEL", "tcg")?,
            firmware: choice("FIRMWARE", "qboot")?,
            wires: choice("NET", "user")?,
            memory_mib: choice("MEM", "64")?,
            metrics_port: choice("METRICS_PORT", "9100")?,
            web_port: choice("WEB_PORT", "8080")?,
            parameters,
            words,
        })
    }
}

fn choice<T: FromStr<Err: Display>>(variable: &str, default: &str) -> Result<T, String> {
    let value = env::var(variable).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned());
    value.parse().map_err(|error| format!("{variable}={value}: {error}"))
}

/// Parts a command line at the first bare `--`.
fn split_words(args: &str) -> (String, String) {
    let words: Vec<&str> = args.split_ascii_whitespace().collect();
    let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    (words[..end].join(" "), words.get(end + 1..).unwrap_or_default().join(" "))
}

#[cfg(test)]
mod tests {
    use super::split_words;

    #[test]
    fn only_a_bare_double_dash_parts_the_words() {
        let split = |args| {
            let (parameters, words) = split_words(args);
            format!("{parameters}|{words}")
        };
        assert_eq!(split("--name=a  --logs=info -- spin --fast -- 3"), "--name=a --logs=info|spin --fast -- 3");
        assert_eq!(split("--name=a"), "--name=a|");
        assert_eq!(split("--"), "|");
        assert_eq!(split(""), "|");
    }
}
