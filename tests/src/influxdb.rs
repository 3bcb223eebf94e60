//! A real InfluxDB 1.6, which refuses a line that is not exactly right, over HTTP and over UDP; and what it has stored.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, answers, connect};
use crate::files::Scratch;
use crate::http::{Response, percent_encoded};
use crate::network::{Network, free_port};

/// The database that guests write to unless told otherwise.
pub const DATABASE: &str = "periscope";

/// An InfluxDB beside a guest, with an empty database. Dropping it ends it.
#[derive(Debug)]
pub struct InfluxDb<'a> {
    daemon: Daemon,
    network: &'a Network,
    http: u16,
    udp: u16,
    credentials: String,
}

/// One value of one field, as it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The measurement.
    pub measurement: String,
    /// The tags that are not empty.
    pub tags: BTreeMap<String, String>,
    /// The field's name.
    pub field: String,
    /// Unix time in nanoseconds.
    pub time_ns: u64,
    /// What it is: a number, a boolean, a string.
    pub value: Value,
}

impl<'a> InfluxDb<'a> {
    /// Starts one beside `network` whom anybody may write to.
    pub fn start(network: &'a Network) -> io::Result<Self> {
        Self::serve(network, None)
    }

    /// The same, of one that knows one user, and wants the password of everybody who comes over HTTP.
    pub fn with_password(network: &'a Network, user: &str, password: &str) -> io::Result<Self> {
        Self::serve(network, Some((user, password)))
    }

    fn serve(network: &'a Network, user: Option<(&str, &str)>) -> io::Result<Self> {
        let files = Scratch::new()?;
        let [http, rpc, udp] = network.run(|| [(); 3].map(|()| free_port()));
        let here = files.path().display();
        let ip = network.server_ip();
        let authenticated = user.is_some();
        let config = format!(
            "reporting-disabled = true\nbind-address = \"127.0.0.1:{rpc}\"\n\
             [meta]\n dir = \"{here}/meta\"\n\
             [data]\n dir = \"{here}/data\"\n wal-dir = \"{here}/wal\"\n query-log-enabled = false\n\
             [monitor]\n store-enabled = false\n\
             [http]\n bind-address = \"{ip}:{http}\"\n log-enabled = false\n auth-enabled = {authenticated}\n\
             [[udp]]\n enabled = true\n bind-address = \"{ip}:{udp}\"\n database = \"{DATABASE}\"\n \
             batch-timeout = \"10ms\"\n"
        );
        let config = files.write("influxdb.conf", &config)?;
        let mut command = Command::new("influxd");
        command.arg("run").arg("-config").arg(&config).env("HOME", files.path());
        let daemon = Daemon::start(command, network, files, || answers(network, http, "/ping"))?;
        let mut server = Self { daemon, network, http, udp, credentials: String::new() };
        if let Some((user, password)) = user {
            server.command(&format!("CREATE USER {user} WITH PASSWORD '{password}' WITH ALL PRIVILEGES"))?;
            server.credentials = format!("&u={user}&p={}", percent_encoded(password));
        }
        server.command(&format!("CREATE DATABASE {DATABASE}"))?;
        Ok(server)
    }

    /// The port that takes `POST /write`.
    #[must_use]
    pub fn http_port(&self) -> u16 {
        self.http
    }

    /// The port that takes lines in datagrams.
    #[must_use]
    pub fn udp_port(&self) -> u16 {
        self.udp
    }

    /// Does what a statement of its language says that changes something.
    pub fn command(&self, statement: &str) -> io::Result<()> {
        self.ask("POST", DATABASE, statement).map(drop)
    }

    /// Writes lines, all or none of which it may take: its answer says.
    pub fn write(&self, database: &str, lines: &[u8]) -> io::Result<Response> {
        let path = format!("/write?db={database}&precision=ns{}", self.credentials);
        connect(self.network, self.http)?.post(&path, lines)
    }

    /// The series that a query yields, as its API tells them, times in nanoseconds.
    pub fn query(&self, database: &str, query: &str) -> io::Result<Vec<Value>> {
        let mut results = self.ask("GET", database, query)?;
        Ok(results["series"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Everything stored of `fields`, as a `SELECT` names them, that `condition` finds, such as `vm = 'web-1'`.
    pub fn points_of(&self, database: &str, fields: &str, condition: &str) -> io::Result<Vec<Point>> {
        let found = self.query(database, &format!("SELECT {fields} FROM /.*/ WHERE {condition} GROUP BY *"))?;
        let points: Option<Vec<_>> = found.iter().map(points_of).collect();
        Ok(points.ok_or_else(|| io::Error::other(format!("not series: {found:?}")))?.concat())
    }

    /// The types of all fields, by measurement and field: `integer`, `float`, `boolean`, `string`.
    pub fn field_types(&self, database: &str) -> io::Result<BTreeMap<(String, String), String>> {
        let mut types = BTreeMap::new();
        for series in self.query(database, "SHOW FIELD KEYS")? {
            let measurement = series["name"].as_str().unwrap_or_default();
            for row in series["values"].as_array().into_iter().flatten() {
                let [Some(field), Some(kind)] = [row[0].as_str(), row[1].as_str()] else { continue };
                types.insert((measurement.to_owned(), field.to_owned()), kind.to_owned());
            }
        }
        Ok(types)
    }

    /// How many lines in datagrams it could not read.
    pub fn datagrams_refused(&self) -> io::Result<u64> {
        let response = connect(self.network, self.http)?.get("/debug/vars")?;
        let told: Value = serde_json::from_slice(&response.body)?;
        let services = told.as_object().into_iter().flatten().filter(|(_, service)| service["name"] == "udp");
        let refused: Option<Vec<_>> =
            services.map(|(_, service)| service["values"]["pointsParseFail"].as_u64()).collect();
        match refused.as_deref() {
            Some([refused]) => Ok(*refused),
            _ => Err(io::Error::other(format!("not one UDP service: {told}"))),
        }
    }

    /// What it warned of, or found wrong.
    #[must_use]
    pub fn warnings(&self) -> String {
        let said = self.daemon.said();
        said.lines().filter(|line| !line.contains("lvl=info")).collect::<Vec<_>>().join("\n")
    }

    fn ask(&self, method: &str, database: &str, statement: &str) -> io::Result<Value> {
        let statement = percent_encoded(statement);
        let path = format!("/query?db={database}&epoch=ns&q={statement}{}", self.credentials);
        let response = connect(self.network, self.http)?.request(method, &path)?;
        let mut reply: Value = serde_json::from_slice(&response.body)?;
        let mut result = reply["results"][0].take();
        if response.status != 200 || !result["error"].is_null() {
            return Err(io::Error::other(response.text()));
        }
        Ok(result.take())
    }
}

/// The fields of one series that have values, row by row.
fn points_of(series: &Value) -> Option<Vec<Point>> {
    let columns: Vec<&str> = series["columns"].as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    let tags = series["tags"].as_object().into_iter().flatten();
    let tags = tags.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let tags: BTreeMap<_, _> = tags.filter(|(_, value)| !value.is_empty()).collect();
    let mut points = Vec::new();
    for row in series["values"].as_array()? {
        let time_ns = row[0].as_u64()?;
        for (column, value) in columns.iter().zip(row.as_array()?).skip(1).filter(|(_, value)| !value.is_null()) {
            points.push(Point {
                measurement: series["name"].as_str()?.to_owned(),
                tags: tags.clone(),
                field: (*column).to_owned(),
                time_ns,
                value: value.clone(),
            });
        }
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::{DATABASE, InfluxDb};
    use crate::network::Network;
    use crate::wait::{PATIENCE, eventually};
    use serde_json::json;
    use std::net::UdpSocket;

    #[test]
    fn stores_what_is_right_and_refuses_what_is_not() {
        let network = Network::user();
        let server = InfluxDb::with_password(&network, "writer", "pass word").unwrap();
        let accepted =
            server.write(DATABASE, b"memory,vm=a\\ b,empty=x used=5i,share=0.5,ok=true,what=\"a b\" 1000000001\n");
        assert_eq!(accepted.unwrap().status, 204);
        for wrong in ["memory,vm=a used=5u 2\n", "memory,vm= used=1i 2\n", "memory,vm=a used=\"x\" 3\n"] {
            assert_eq!(server.write(DATABASE, wrong.as_bytes()).unwrap().status, 400, "{wrong}");
        }
        let mut points = server.points_of(DATABASE, "*", "vm = 'a b'").unwrap();
        points.sort_by(|one, other| one.field.cmp(&other.field));
        let fields: Vec<_> = points.iter().map(|point| (point.field.as_str(), point.value.clone())).collect();
        assert_eq!(fields, [("ok", json!(true)), ("share", json!(0.5)), ("used", json!(5)), ("what", json!("a b"))]);
        assert!(points.iter().all(|point| point.time_ns == 1_000_000_001 && point.tags["vm"] == "a b"));
        assert_eq!(server.field_types(DATABASE).unwrap()[&("memory".to_owned(), "used".to_owned())], "integer");

        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        socket.connect(("127.0.0.1", server.udp_port())).unwrap();
        assert_eq!(server.datagrams_refused().unwrap(), 0);
        socket.send(b"net,vm=c packets=7i 5\n").unwrap();
        assert!(
            eventually(PATIENCE, || server
                .points_of(DATABASE, "*", "vm = 'c'")
                .ok()
                .filter(|points| points.len() == 1))
            .is_some()
        );
        socket.send(b"net,vm=c packets=\n").unwrap();
        assert!(eventually(PATIENCE, || server.datagrams_refused().ok().filter(|count| *count == 1)).is_some());
    }
}
