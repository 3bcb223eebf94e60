//! The value of `Host`, and the authority in a target (RFC 9110, 7.2; RFC 3986, 3.2.2). Which name it is does not
//! matter here: a machine has whatever names others give it.

/// Whether `value` is `uri-host [":" port]`, or nothing at all. Names have no characters that only the grammar of names
/// in general would allow, such as commas: with those one name can be taken for two.
pub(super) fn is_valid(value: &[u8]) -> bool {
    let (host, rest) = match value {
        [b'[', literal @ ..] => {
            let Some(end) = literal.iter().position(|&byte| byte == b']') else { return false };
            let (address, rest) = literal.split_at(end);
            if address.is_empty() || !address.iter().all(|&byte| is_in_address(byte)) {
                return false;
            }
            (address, rest.get(1..).unwrap_or_default())
        }
        name => {
            let end = name.iter().position(|&byte| byte == b':').unwrap_or(name.len());
            let (name, rest) = name.split_at(end);
            if !name.iter().all(|&byte| is_in_name(byte)) {
                return false;
            }
            (name, rest)
        }
    };
    match rest {
        [] => true,
        [b':', port @ ..] => !host.is_empty() && port.len() <= 5 && port.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Letters and digits, what separates them, and escapes; underscores are in use.
fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)
}

/// IPv6 addresses, with a zone or an IPv4 address at the end.
fn is_in_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b":.%-_~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for host in [
            "",
            "uk",
            "uk:9100",
            "uk:",
            "uk.example.",
            "a_b.example:80",
            "10.0.0.2:9100",
            "[::1]",
            "[::1]:9100",
            "[fe80::1%25eth0]",
            "[::ffff:10.0.0.2]:65535",
            "xn--bcher-kva.example",
            "b%C3%BCcher",
        ] {
            assert!(is_valid(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn others() {
        for host in [
            ":9100",
            "a:b",
            "a:9100:9100",
            "a:-1",
            "a:+1",
            "a:999999",
            "a:1 ",
            "a b",
            "a,b",
            "a, b",
            "a;b",
            "user@a",
            "a/b",
            "a?b",
            "a#b",
            "a\\b",
            "\"a\"",
            "<a>",
            "[",
            "[]",
            "[::1",
            "::1",
            "[::1]x",
            "[::1]:x",
            "[::1]]",
            "[a/b]",
            "\u{e9}",
        ] {
            assert!(!is_valid(host.as_bytes()), "{host}");
        }
    }
}
