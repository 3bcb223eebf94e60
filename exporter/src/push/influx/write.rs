//! Lines as requests: `POST /write?db=…` of InfluxDB 1 and VictoriaMetrics, `POST /api/v2/write?bucket=…` of InfluxDB 2 and
//! 3. They differ in what the operator names, and answer alike: 204 is success, what is wrong with the lines or their place
//! will be wrong the next time, and what is the server's trouble may pass.

use crate::push::http::{HttpTarget, Outgoing, Request};
use crate::{Site, Window};

/// What the line protocol adds to a request.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    /// Whether frames are compressed: see [`Framing::Requests`](super::Framing::Requests).
    pub gzip: bool,
}

impl Request for Write {
    /// The path and the query that the operator gave, and which times lines have: that is not for anybody to choose.
    fn target(&mut self, _: &Outgoing<'_>, target: &HttpTarget, _: &dyn Site, out: &mut Window<'_>) {
        out.put(target.path().as_bytes());
        out.put_byte(b'?');
        let pairs = target.query().unwrap_or_default().split('&');
        for pair in pairs.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("precision")) {
            out.put(pair.as_bytes());
            out.put_byte(b'&');
        }
        out.put(b"precision=ns");
    }

    fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
        out.put(b"Content-Type: text/plain; charset=utf-8\r\n");
        if self.gzip {
            out.put(b"Content-Encoding: gzip\r\n");
        }
    }
}
