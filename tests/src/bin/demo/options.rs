//! What `make demo` was asked for. Every complaint names the variable and what it may be.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use ::tests::skip;

/// The choices of one demo.
#[derive(Debug)]
pub(crate) struct Options {
    /// The image to boot: the one argument.
    pub(crate) image: PathBuf,
    /// `NET`: taps on the host or QEMU's user-mode network. By default taps, if this process may make them.
    pub(crate) taps: bool,
    /// `DEMO_SECONDS`: how long it goes on once everything is up; until Ctrl-C by default.
    pub(crate) duration: Option<Duration>,
}

impl Options {
    /// Reads them from the command line and the environment.
    pub(crate) fn read() -> Result<Self, String> {
        let image = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: demo IMAGE (make demo does it)")?;
        if !image.exists() {
            return Err(format!("there is no {}: make build makes it", image.display()));
        }
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let taps = match variable("NET").as_deref() {
            None => skip::is_root(),
            Some("user") => false,
            Some("tap") if skip::is_root() => true,
            Some("tap") => return Err("NET=tap makes network interfaces, which needs root: try NET=user".into()),
            Some(other) => return Err(format!("NET={other}: `{other}` is none of user, tap")),
        };
        let duration = match variable("DEMO_SECONDS") {
            None => None,
            Some(text) => {
                let seconds: u32 = text.parse().map_err(|error| format!("DEMO_SECONDS={text}: {error}"))?;
                Some(Duration::from_secs(seconds.into()))
            }
        };
        Ok(Self { image, taps, duration })
    }
}
