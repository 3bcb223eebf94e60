//! What Alertmanager is told to call in the place of Alerta and ntfy: each alert they would hear of becomes a line on the
//! terminal.

use std::io;

use ::tests::alertmanager::Told;
use ::tests::server::Server;

/// The paths that stand for the two.
pub(crate) const ALERTA: &str = "/alerta";
pub(crate) const NTFY: &str = "/ntfy";

/// Listens from now on, for as long as what is returned is there.
pub(crate) fn listen() -> io::Result<Server<'static>> {
    Server::start(None, |request| {
        Told::by(&request).iter().for_each(|told| println!("{}", line(told)));
        ("text/plain", String::new())
    })
}

fn line(told: &Told) -> String {
    let listener = if told.path.starts_with(ALERTA) { "Alerta" } else { "ntfy" };
    let alert = told.labels["alertname"].as_str().unwrap_or("?");
    let summary = told.annotations["summary"].as_str().unwrap_or("?");
    format!("  {listener} hears: {alert} {}: {summary}", told.status)
}

#[cfg(test)]
mod tests {
    use super::{ALERTA, line};
    use ::tests::alertmanager::Told;
    use serde_json::json;

    #[test]
    fn an_alert_is_a_line() {
        let told = |path: &str, annotations| Told {
            path: path.to_owned(),
            status: "firing".to_owned(),
            labels: json!({"alertname": "GuestGone"}),
            annotations,
        };
        let summary = json!({"summary": "Guest a is gone"});
        assert_eq!(line(&told(ALERTA, summary)), "  Alerta hears: GuestGone firing: Guest a is gone");
        assert_eq!(line(&told("/ntfy?priority=urgent", json!({}))), "  ntfy hears: GuestGone firing: ?");
    }
}
