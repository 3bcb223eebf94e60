//! The head of a request, written whole.

use super::target::{HttpTarget, MAX_FIELDS_LEN, MAX_PATH};
use super::{Outgoing, Request};
use crate::exposition::number;
use crate::{Site, Window};

/// Who asks (RFC 9110, 10.1.5).
const USER_AGENT: &[u8] = concat!("User-Agent: periscope/", env!("CARGO_PKG_VERSION"), "\r\n").as_bytes();

/// Most that a [`Request`] adds to the operator's path, in bytes.
const MAX_ADDED: usize = 256;

/// Most that the fields of a [`Request`] have, in bytes.
const MAX_OWN_FIELDS: usize = 512;

/// Longest head of a request: its line, the fields of the target, of the protocol, and of every request.
pub const MAX_REQUEST_HEAD: usize = 64 + MAX_PATH + MAX_ADDED + MAX_FIELDS_LEN + MAX_OWN_FIELDS + 64;

/// Writes the head of a request whose body has `length` bytes. It fits into [`MAX_REQUEST_HEAD`] if `request` keeps to its
/// bounds; the window says if it did not.
pub fn put_head<R: Request>(
    request: &mut R,
    outgoing: &Outgoing<'_>,
    target: &HttpTarget,
    site: &dyn Site,
    length: usize,
    out: &mut Window<'_>,
) {
    out.put(b"POST ");
    request.target(outgoing, target, site, out);
    out.put(b" HTTP/1.1\r\n");
    target.put_fields(out);
    out.put(USER_AGENT);
    request.fields(outgoing, site, out);
    out.put(b"Content-Length: ");
    number::put_u64(length as u64, out);
    out.put(b"\r\n\r\n");
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;
    use std::sync::Mutex;
    use std::vec::Vec;

    use super::*;
    use crate::push::http::Authorization;

    struct Nowhere;

    impl Site for Nowhere {
        fn node(&self) -> &str {
            "node"
        }
        fn program(&self) -> &str {
            "test"
        }
        fn now_ns(&self) -> u64 {
            0
        }
    }

    struct Plain;

    impl Request for Plain {
        fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
            out.put(b"Content-Type: text/plain\r\n");
        }
    }

    fn head(target: &HttpTarget, length: usize) -> String {
        let mut bytes = [0; MAX_REQUEST_HEAD];
        let mut out = Window::new(&mut bytes);
        let outgoing = Outgoing { sink: "s", seq: 1, prelude: &[], items: 1, stamp_ns: 0 };
        put_head(&mut Plain, &outgoing, target, &Nowhere, length, &mut out);
        assert!(!out.overflowed());
        String::from_utf8(out.written().to_vec()).expect("a head is text")
    }

    #[test]
    fn a_whole_head() {
        let target = HttpTarget::new("192.0.2.1", 8086, "/write?db=periscope", None).expect("a target");
        assert_eq!(
            head(&target, 0),
            "POST /write?db=periscope HTTP/1.1\r\nHost: 192.0.2.1:8086\r\nUser-Agent: periscope/0.1.0\r\n\
             Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
        );
    }

    #[test]
    fn who_sends_it() {
        for (authorization, field) in [
            // The examples of RFC 7617, 2 and 2.1, and of RFC 6750, 2.1.
            (Authorization::Basic { user: "Aladdin", password: "open sesame" }, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            (Authorization::Basic { user: "test", password: "123\u{a3}" }, "Basic dGVzdDoxMjPCow=="),
            (Authorization::Basic { user: "", password: "" }, "Basic Og=="),
            (Authorization::Bearer("mF_9.B5f-4.1JqM"), "Bearer mF_9.B5f-4.1JqM"),
            (Authorization::Token("my-token=="), "Token my-token=="),
        ] {
            let target = HttpTarget::new("db.example", 80, "/", Some(authorization)).expect("a target");
            assert_eq!(
                head(&target, usize::MAX),
                std::format!(
                    "POST / HTTP/1.1\r\nHost: db.example\r\nAuthorization: {field}\r\nUser-Agent: periscope/0.1.0\r\n\
                     Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
                    usize::MAX
                )
            );
        }
    }

    /// A text for as long as the process lives, as those of a machine's parameters are.
    fn kept(text: String) -> &'static str {
        // Where a sanitizer finds it, and does not take it for lost.
        static KEPT: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
        let text = &*text.leak();
        KEPT.lock().expect("no test fails while it is held").push(text);
        text
    }

    fn many(byte: &str, len: usize) -> &'static str {
        kept(byte.repeat(len))
    }

    /// The longest of everything fits, and one more is no target.
    #[test]
    fn the_longest_head() {
        struct Longest;
        impl Request for Longest {
            fn target(&mut self, _: &Outgoing<'_>, target: &HttpTarget, _: &dyn Site, out: &mut Window<'_>) {
                out.put(target.path_and_query().as_bytes());
                out.put(&[b'a'; MAX_ADDED]);
            }
            fn fields(&mut self, _: &Outgoing<'_>, _: &dyn Site, out: &mut Window<'_>) {
                out.put(&[b'a'; MAX_OWN_FIELDS]);
            }
        }
        let longest = |host, path: usize, user, secret| {
            let basic = Authorization::Basic { user: many("u", user), password: many("p", secret) };
            let path = kept(std::format!("/{}", "x".repeat(path - 1)));
            HttpTarget::new(many("h", host), u16::MAX, path, Some(basic))
        };
        let target = longest(253, 1_024, 64, 1_024).expect("all of this may be");
        let mut bytes = [0; MAX_REQUEST_HEAD];
        let mut out = Window::new(&mut bytes);
        let outgoing = Outgoing { sink: "s", seq: 1, prelude: &[], items: 1, stamp_ns: 0 };
        put_head(&mut Longest, &outgoing, &target, &Nowhere, usize::MAX, &mut out);
        assert!(!out.overflowed() && out.written().ends_with(b"\r\n\r\n"));
        for (host, path, user, secret) in
            [(254, 9, 9, 9), (9, 1_025, 9, 9), (9, 9, 65, 9), (9, 9, 9, 1_025), (0, 9, 9, 9)]
        {
            assert!(longest(host, path, user, secret).is_none());
        }
        for (len, may_be) in [(0, false), (1, true), (1_024, true), (1_025, false)] {
            for token in [Authorization::Token(many("t", len)), Authorization::Bearer(many("t", len))] {
                assert_eq!(HttpTarget::new("h", 1, "/", Some(token)).is_some(), may_be);
            }
        }
    }

    /// Nothing that would end a line, or a word of one, is taken.
    #[test]
    fn nothing_breaks_out_of_its_place() {
        for text in ["a b", "a\r\nb", "a\nb", "a\tb", "\u{e9}", "a\0", "a\x7f"] {
            let path = kept(std::format!("/{text}"));
            assert!(HttpTarget::new(text, 80, "/", None).is_none(), "{text:?}");
            assert!(HttpTarget::new("h", 80, path, None).is_none(), "{text:?}");
            for token in [Authorization::Token(text), Authorization::Bearer(text)] {
                assert!(HttpTarget::new("h", 80, "/", Some(token)).is_none(), "{text:?}");
            }
        }
        for path in ["", "a", "?a=b", "*", "/#a", "http://h/"] {
            assert!(HttpTarget::new("h", 80, path, None).is_none(), "{path:?}");
        }
        for host in ["a:1", "a/b", "u@h", "[::1]"] {
            assert!(HttpTarget::new(host, 80, "/", None).is_none(), "{host:?}");
        }
        let two_colons = Authorization::Basic { user: "a:b", password: "c" };
        assert!(HttpTarget::new("h", 80, "/", Some(two_colons)).is_none());
    }
}
