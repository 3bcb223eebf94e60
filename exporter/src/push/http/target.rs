//! Where requests go, and what opens the door there.

use base64ct::{Base64, Encoding};

use crate::Window;
use crate::exposition::number;
use crate::http::MAX_USER;

/// Longest host name, in bytes (RFC 1035, 2.3.4).
const MAX_HOST: usize = 253;

/// Longest path with its query, in bytes.
pub const MAX_PATH: usize = 1_024;

/// Longest password or token, in bytes. A JSON Web Token has several hundred.
pub const MAX_SECRET: usize = 1_024;

/// The port that `Host` does not name (RFC 9110, 4.2.1).
const HTTP_PORT: u16 = 80;

/// Most that [`HttpTarget::put_fields`] writes: the names of the fields and the scheme with the spaces and line ends
/// around them, the host with its port, and in Base64 user and password.
pub(super) const MAX_FIELDS_LEN: usize = 64 + MAX_HOST + (MAX_USER + 1 + MAX_SECRET).div_ceil(3) * 4;

/// A place that takes requests, as the operator named it.
#[derive(Clone, Copy)]
pub struct HttpTarget {
    host: &'static str,
    port: u16,
    path: &'static str,
    authorization: Option<Authorization>,
}

/// What a request says about who sends it. It is never shown.
#[derive(Clone, Copy)]
pub enum Authorization {
    /// A user and a password (RFC 7617).
    Basic {
        /// The user, without a colon.
        user: &'static str,
        /// The password.
        password: &'static str,
    },
    /// A token as InfluxDB 2 wants it: `Token ...`.
    Token(&'static str),
    /// A token (RFC 6750).
    Bearer(&'static str),
}

impl HttpTarget {
    /// The target at `host`, a name or an address, on `port`. `path` begins with a slash and may have a query; it is sent
    /// as it is. `None` if a part of it is too long, or cannot stand in a request's head.
    #[must_use]
    pub fn new(
        host: &'static str,
        port: u16,
        path: &'static str,
        authorization: Option<Authorization>,
    ) -> Option<Self> {
        let is_host = !host.is_empty()
            && host.len() <= MAX_HOST
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        let is_path = path.starts_with('/')
            && path.len() <= MAX_PATH
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let may_pass = authorization.is_none_or(|authorization| authorization.can_be_sent());
        (is_host && is_path && may_pass).then_some(Self { host, port, path, authorization })
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path.split_once('?').map_or(self.path, |(path, _)| path)
    }

    /// What follows the path's `?`, if it has one.
    #[must_use]
    pub fn query(&self) -> Option<&'static str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// Path and query, as the operator gave them.
    #[must_use]
    pub fn path_and_query(&self) -> &'static str {
        self.path
    }

    /// Writes the fields that are alike in all requests to this target.
    pub(super) fn put_fields(&self, out: &mut Window<'_>) {
        out.put(b"Host: ");
        out.put(self.host.as_bytes());
        if self.port != HTTP_PORT {
            out.put(b":");
            number::put_u64(self.port.into(), out);
        }
        out.put(b"\r\n");
        if let Some(authorization) = &self.authorization {
            out.put(b"Authorization: ");
            authorization.put(out);
            out.put(b"\r\n");
        }
    }
}

impl Authorization {
    fn can_be_sent(&self) -> bool {
        // Base64 makes any text fit for a field, but the first colon ends the user.
        match self {
            Self::Basic { user, password } => {
                user.len() <= MAX_USER && !user.contains(':') && password.len() <= MAX_SECRET
            }
            Self::Token(token) | Self::Bearer(token) => {
                !token.is_empty() && token.len() <= MAX_SECRET && token.bytes().all(|byte| byte.is_ascii_graphic())
            }
        }
    }

    fn put(&self, out: &mut Window<'_>) {
        match self {
            Self::Basic { user, password } => {
                out.put(b"Basic ");
                let mut pair = [0; MAX_USER + 1 + MAX_SECRET];
                let mut window = Window::new(&mut pair);
                window.put(user.as_bytes());
                window.put(b":");
                window.put(password.as_bytes());
                if let Ok(encoded) = Base64::encode(window.written(), out.free()) {
                    let len = encoded.len();
                    out.advance(len);
                }
            }
            Self::Token(token) => {
                out.put(b"Token ");
                out.put(token.as_bytes());
            }
            Self::Bearer(token) => {
                out.put(b"Bearer ");
                out.put(token.as_bytes());
            }
        }
    }
}
