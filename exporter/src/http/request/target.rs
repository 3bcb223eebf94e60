//! The target of a request, in the forms it may have (RFC 9112, 3.2). What is there is `route`'s business.

use super::head::Method;
use super::host;
use super::refusal::Refusal;

/// A target, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target<'h> {
    /// The path, undecoded; `*` for the whole server.
    pub(super) path: &'h str,
    /// What follows the first `?`, or nothing.
    pub(super) query: &'h str,
}

impl<'h> Target<'h> {
    /// Reads the target of a request with this method.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for what is neither a path nor a URL of HTTP's, nor the `*` that only `OPTIONS` may have.
    pub(super) fn parse(target: &'h str, method: Method) -> Result<Self, Refusal> {
        if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(Refusal::Malformed);
        }
        if target == "*" && method == Method::Options {
            return Ok(Self { path: target, query: "" });
        }
        let local = match target.split_at_checked(HTTP.len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(HTTP) => {
                let (authority, local) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
                if authority.is_empty() || !host::is_valid(authority.as_bytes()) {
                    return Err(Refusal::Malformed);
                }
                local
            }
            // Methods that are not known are refused for that, whatever form of target they have.
            _ if target.starts_with('/') || method == Method::Unknown => target,
            _ => return Err(Refusal::Malformed),
        };
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        Ok(Self { path: if path.is_empty() { "/" } else { path }, query })
    }
}

/// How a target begins that is a URL.
const HTTP: &str = "http://";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (target, path, query) in [
            ("/", "/", ""),
            ("/?", "/", ""),
            ("/metrics", "/metrics", ""),
            ("/metrics?a=b?c", "/metrics", "a=b?c"),
            ("//a//b", "//a//b", ""),
            ("http://uk:9100/metrics?a", "/metrics", "a"),
            ("HTTP://[::1]", "/", ""),
            ("http://uk?a", "/", "a"),
            ("http://uk/http://b", "/http://b", ""),
        ] {
            assert_eq!(Target::parse(target, Method::Get), Ok(Target { path, query }), "{target}");
        }
        assert_eq!(Target::parse("*", Method::Options), Ok(Target { path: "*", query: "" }));
    }

    #[test]
    fn anything_else() {
        for target in [
            "*",
            "**",
            "metrics",
            "?a",
            "uk:9100",
            "https://uk/",
            "ftp://uk/",
            "http:/uk",
            "http:uk",
            "http://",
            "http:///",
            "http://?a",
            "http://user@uk/",
            "http://user:pass@uk/",
            "http://a b/",
            "http://a,b/",
            "/#top",
            "/\u{e9}",
            "/\u{7f}",
        ] {
            assert_eq!(Target::parse(target, Method::Get), Err(Refusal::Malformed), "{target}");
        }
    }
}
