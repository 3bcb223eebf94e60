//! A real node_exporter, which says what its metrics are called, and docs/absent.md, which says which of them Periscope
//! does not have.

use std::io;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::files::repository;
use crate::http;
use crate::network::free_port;
use crate::process::Process;
use crate::wait::{PATIENCE, eventually};

/// What Debian calls the program.
const PROGRAM: &str = "prometheus-node-exporter";

/// What it tells of the host, once. Its default collectors are asked, and `more`.
pub fn scrape(more: &[&str]) -> io::Result<String> {
    let port = free_port();
    let mut command = Command::new(PROGRAM);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    command.args(more.iter().map(|collector| format!("--collector.{collector}")));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _process = Process::start(&mut command, None)?;
    let ask = || {
        let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        http::Connection::new(stream).ok()?.get("/metrics").ok().filter(|response| response.status == 200)
    };
    let response = eventually(PATIENCE, ask).ok_or_else(|| io::Error::other(format!("{PROGRAM} does not answer")))?;
    Ok(response.text())
}

/// A row of docs/absent.md: what families are called that Periscope does not have. A star stands for any letters.
#[derive(Debug)]
pub struct Absent {
    before: String,
    /// What follows the star, if there is one.
    after: Option<String>,
}

impl Absent {
    /// All rows.
    pub fn read() -> io::Result<Vec<Self>> {
        let text = std::fs::read_to_string(repository().join("docs/absent.md"))?;
        let patterns = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        Ok(patterns.map(Self::parse).collect())
    }

    fn parse(pattern: &str) -> Self {
        let (before, after) = pattern.split_once('*').map_or((pattern, None), |(before, after)| (before, Some(after)));
        Self { before: before.to_owned(), after: after.map(str::to_owned) }
    }

    /// Whether a family is called so.
    #[must_use]
    pub fn is(&self, family: &str) -> bool {
        match (family.strip_prefix(&self.before), &self.after) {
            (Some(rest), Some(after)) => rest.ends_with(after),
            (Some(rest), None) => rest.is_empty(),
            (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Absent;

    #[test]
    fn a_star_stands_for_any_letters() {
        let is = |pattern: &str, family: &str| Absent::parse(pattern).is(family);
        assert!(is("node_os_*", "node_os_info") && !is("node_os_*", "node_osx"));
        assert!(is("a_*_bytes", "a_Cma_bytes") && !is("a_*_bytes", "a_Cma_total"));
        assert!(is("node_udp_queues", "node_udp_queues") && !is("node_udp_queues", "node_udp_queues_total"));
    }

    #[test]
    fn the_table_has_rows() {
        let absent = Absent::read().expect("docs/absent.md is there");
        assert!(absent.iter().any(|row| row.is("node_filesystem_size_bytes")));
        assert!(!absent.iter().any(|row| row.is("node_uname_info")));
    }
}
