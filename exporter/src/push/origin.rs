//! Who speaks: what everything pushed says about its sender.

/// The machine as receivers are to know it.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// `--name`: Influx's tag `vm`, Prometheus' label `instance`, syslog's host name.
    pub name: &'a str,
    /// `--job`.
    pub job: &'a str,
    /// `--tags`: names and values, in the order given. Names are letters, digits and `_`, and none is that of a label which
    /// a road writes of itself.
    pub tags: &'a [(&'a str, &'a str)],
    /// The program's name.
    pub program: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// This life's UUID.
    pub boot_id: &'a str,
}
