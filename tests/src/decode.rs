//! The formats an exposition can be asked for, and what other people's decoders find in them: see `tests/decode.py`.

use std::collections::BTreeSet;
use std::io;
use std::process::Command;

use crate::files::repository;
use crate::http::{self, Response};
use crate::process::filter;

/// An exposition format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text format 0.0.4.
    Text,
    /// Prometheus' text format 1.0.0.
    Text1,
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// Length-delimited protobuf messages.
    Protobuf,
}

/// All of them.
pub const FORMATS: [Format; 4] = [Format::Text, Format::Text1, Format::OpenMetrics, Format::Protobuf];

impl Format {
    /// The media range that asks for it and for nothing else.
    #[must_use]
    pub fn accept(self) -> &'static str {
        match self {
            Self::Text => "text/plain;version=0.0.4",
            Self::Text1 => "text/plain;version=1.0.0",
            Self::OpenMetrics => "application/openmetrics-text;version=1.0.0",
            Self::Protobuf => {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
            }
        }
    }

    /// What a reply in it says it is, at its beginning.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4",
            Self::Text1 => "text/plain; version=1.0.0",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0",
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        }
    }

    /// Asks for `/metrics` in this format. An answer that is none, or in another, is an error.
    pub fn scrape(self, connection: &mut http::Connection) -> io::Result<Response> {
        self.scrape_part(connection, "")
    }

    /// The same of what `query` selects.
    pub fn scrape_part(self, connection: &mut http::Connection, query: &str) -> io::Result<Response> {
        self.checked(connection.get_with(&format!("/metrics{query}"), &[("Accept", self.accept())])?)
    }

    /// The same of everything, compressed on its way.
    pub fn scrape_compressed(self, connection: &mut http::Connection) -> io::Result<Response> {
        let fields = [("Accept", self.accept()), ("Accept-Encoding", "gzip")];
        let mut response = self.checked(connection.get_with("/metrics", &fields)?)?;
        response.body = gunzip(&response)?;
        Ok(response)
    }

    fn checked(self, response: Response) -> io::Result<Response> {
        let content_type = response.header("content-type").unwrap_or_default();
        if response.status == 200 && content_type.starts_with(self.content_type()) {
            return Ok(response);
        }
        Err(io::Error::other(format!("asked for {self:?}, and got {} as {content_type}", response.status)))
    }
}

/// The body of an answer that came compressed. One that did not is an error.
pub fn gunzip(response: &Response) -> io::Result<Vec<u8>> {
    if response.header("content-encoding") != Some("gzip") {
        return Err(io::Error::other("it is not compressed"));
    }
    let output = filter(Command::new("gzip").arg("-dc"), &response.body)?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(output.stdout)
}

/// What a scrape tells, as lines that are the same whatever format it was in: one a family, with type and help, and one a
/// sample. An error if its format's decoder refuses it.
pub fn facts(content_type: &str, body: &[u8]) -> Result<BTreeSet<String>, String> {
    let python = repository().join("tests/.venv/bin/python");
    let mut command = Command::new(python);
    command.arg(repository().join("tests/decode.py")).arg(content_type);
    let output = filter(&mut command, body).map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The same of a whole answer.
pub fn facts_of(response: &Response) -> Result<BTreeSet<String>, String> {
    facts(response.header("content-type").unwrap_or_default(), &response.body)
}
