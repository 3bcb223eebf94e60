//! What a connection makes of the bytes it receives: heads, the bodies of `PUT`, and the answers they call for.

use ukstore::Refused;

use super::timeouts::SAMPLES_NS;
use super::{Connection, State};
use crate::Site;
use crate::http::reply::{Answer, Manner, Order};
use crate::http::request::{
    FieldRoom, MAX_FIELDS, Method, Refusal, Request, Route, Scan, Scanner, Upload, patience_ns,
};
use crate::http::stage::STAGE_BYTES;
use crate::http::{stats, tree};

/// The interim reply a client may await before it sends a body (RFC 9110, 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

impl Connection {
    /// Reads on in a head, and acts on it when it is whole. How many bytes were taken.
    pub(super) fn read_head(&mut self, now_ns: u64, bytes: &[u8], site: &dyn Site) -> usize {
        let skipped = if self.stage.is_empty() { self.scanner.skip(bytes) } else { 0 };
        let rest = bytes.get(skipped..).unwrap_or_default();
        if rest.is_empty() {
            return skipped;
        }
        if self.stage.is_empty() {
            self.deadline_ns = now_ns.saturating_add(self.timeouts.head_ns);
        }
        let piece = rest.get(..rest.len().min(self.stage.room())).unwrap_or_default();
        match self.scanner.read(piece) {
            Ok(Scan::Complete(len)) => {
                self.stage.append(piece.get(..len).unwrap_or_default());
                self.judge_head(now_ns, site);
                skipped + len
            }
            Ok(Scan::More) => {
                self.stage.append(piece);
                if self.stage.room() > 0 {
                    return skipped + piece.len();
                }
                let refusal = match self.stage.held().contains(&b' ') {
                    _ if self.scanner.past_request_line() => Refusal::HeadTooLarge,
                    true => Refusal::TargetTooLong,
                    // Longer than any method there is (RFC 9112, 3).
                    false => Refusal::UnknownMethod,
                };
                self.refuse(now_ns, refusal);
                bytes.len()
            }
            Err(refusal) => {
                self.refuse(now_ns, refusal);
                bytes.len()
            }
        }
    }

    /// Reads on in the body of a `PUT`, and writes the setting when it is whole. How many bytes were taken.
    pub(super) fn read_body(&mut self, now_ns: u64, bytes: &[u8], upload: Upload, manner: Manner) -> usize {
        let missing = upload.length.saturating_sub(self.stage.held().len());
        let taken = self.stage.append(bytes.get(..missing.min(bytes.len())).unwrap_or_default());
        if taken == missing {
            self.write(now_ns, upload, manner);
        }
        taken
    }

    /// Acts on the head in the stage.
    fn judge_head(&mut self, now_ns: u64, site: &dyn Site) {
        let mut room: FieldRoom<'_> = [const { core::mem::MaybeUninit::uninit() }; MAX_FIELDS];
        let request = match Request::parse(self.stage.held(), &mut room) {
            Ok(request) => request,
            Err(refusal) => return self.refuse(now_ns, refusal),
        };
        let mut manner = Manner {
            http_1_1: request.http_1_1,
            head_only: request.method == Method::Head,
            close: !request.keep_alive,
        };
        let reply_ns = self.timeouts.reply_ns;
        match Route::of(&request, &mut self.negotiated, site) {
            Ok(Route::Write(upload)) => {
                let awaits_word = request.expects_continue;
                self.await_body(now_ns, upload, manner, awaits_word);
            }
            Ok(route) => {
                stats::REQUESTS[route.index()].inc();
                self.asked_ns = site.now_ns();
                let patience_ns = patience_ns(&request).map_or(reply_ns, |patience_ns| patience_ns.min(reply_ns));
                let ticket = if route.depends_on_samples(manner.head_only) { site.prepare(now_ns) } else { None };
                self.order(now_ns, Order { answer: Answer::Route(route), manner });
                self.deadline_ns = now_ns.saturating_add(patience_ns);
                if let (Some(ticket), State::Ordered(order)) = (ticket, &self.state) {
                    let until_ns = now_ns.saturating_add(SAMPLES_NS.min(patience_ns / 10));
                    self.state = State::Waiting { order: *order, ticket, until_ns };
                }
            }
            Err(refusal) => {
                if Route::is_write(&request) {
                    stats::write(false);
                }
                stats::refused(refusal);
                manner.close |= request.body.follows() || !refusal.keeps_connection();
                self.order(now_ns, Order { answer: Answer::Refusal(refusal), manner });
            }
        }
    }

    /// Takes the body of `upload` from here on, after a word to a client that waits for one.
    fn await_body(&mut self, now_ns: u64, upload: Upload, manner: Manner, awaits_word: bool) {
        self.stage.wipe();
        self.deadline_ns = now_ns.saturating_add(self.timeouts.head_ns);
        if upload.length == 0 {
            self.write(now_ns, upload, manner);
        } else if awaits_word {
            const { assert!(CONTINUE.len() <= STAGE_BYTES) }
            self.stage.append(CONTINUE);
            self.ordered_ns = now_ns;
            self.state = State::Continuing(upload, manner);
        } else {
            self.state = State::Body(upload, manner);
        }
    }

    /// Writes the setting with the text in the stage, and orders the answer.
    fn write(&mut self, now_ns: u64, upload: Upload, mut manner: Manner) {
        let answer = match line(self.stage.held()).map(|text| tree::write(&upload.path, text, self.peer)) {
            Ok(Ok(())) => {
                let route = Route::Write(upload);
                stats::REQUESTS[route.index()].inc();
                Answer::Route(route)
            }
            // It was there when the head was read.
            Ok(Err(Refused::NotFound)) => Answer::Refusal(Refusal::NotFound),
            Ok(Err(Refused::NotASetting)) => Answer::Refusal(Refusal::Method),
            Ok(Err(why)) => Answer::NotTaken(why),
            Err(refusal) => Answer::Refusal(refusal),
        };
        stats::write(answer.refusal().is_none());
        if let Some(refusal) = answer.refusal() {
            stats::refused(refusal);
            manner.close |= !refusal.keeps_connection();
        }
        self.order(now_ns, Order { answer, manner });
    }

    /// Orders a refusal of what has come so far, and the end of the connection.
    pub(super) fn refuse(&mut self, now_ns: u64, refusal: Refusal) {
        stats::refused(refusal);
        let manner = Manner { http_1_1: true, head_only: false, close: true };
        self.order(now_ns, Order { answer: Answer::Refusal(refusal), manner });
    }

    fn order(&mut self, now_ns: u64, order: Order) {
        self.stage.wipe();
        self.state = State::Ordered(order);
        self.deadline_ns = now_ns.saturating_add(self.timeouts.reply_ns);
        self.ordered_ns = now_ns;
    }

    /// Goes on to the next request, which must begin within `timeout_ns`.
    pub(super) fn await_request(&mut self, now_ns: u64, timeout_ns: u64) {
        self.stage.clear();
        self.scanner = Scanner::new();
        self.state = State::Reading;
        self.deadline_ns = now_ns.saturating_add(timeout_ns);
    }
}

/// The one line of text in a body. Its end, which `echo` and editors add, is not part of it.
fn line(body: &[u8]) -> Result<&str, Refusal> {
    let text = core::str::from_utf8(body).map_err(|_| Refusal::Text)?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.chars().any(char::is_control) { Err(Refusal::Text) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_text() {
        for (body, text) in [
            (&b""[..], ""),
            (b"\n", ""),
            (b"\r\n", ""),
            (b"info", "info"),
            (b"info\n", "info"),
            (b"info\r\n", "info"),
            (b" two words ", " two words "),
            ("größe\n".as_bytes(), "größe"),
        ] {
            assert_eq!(line(body), Ok(text));
        }
    }

    #[test]
    fn anything_else() {
        for body in [
            &b"\r"[..],
            b"a\r",
            b"a\n\n",
            b"a\r\r\n",
            b"a\nb",
            b"\na",
            b"a\tb",
            b"a\0",
            b"\x1b[2J",
            b"\x7f",
            b"\xc2\x85",
            b"\xff",
            b"\xc3\n",
            b"\xed\xa0\x80",
        ] {
            assert_eq!(line(body), Err(Refusal::Text), "{body:?}");
        }
    }
}
