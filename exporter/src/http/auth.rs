//! Who may ask: the credentials that come with a request (RFC 9110, 11.6.2), against those the operator chose.
//!
//! The operator gave the SHA-256 of a random secret, so a machine's command line does not open the machine, and a check
//! costs one hash. User and secret are always both compared, in a time that depends on their lengths alone.
//!
//! Not here: TLS, without which whoever sees the traffic sees the secret; which pages are open to all is `route`'s
//! business.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Longest user name, in bytes.
pub const MAX_USER: usize = 64;

/// Longest password or token, in bytes.
const MAX_SECRET: usize = 256;

/// What a client must know.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// A user and a password (RFC 7617).
    Basic {
        /// The user, without a colon; at most [`MAX_USER`] bytes.
        user: &'a str,
        /// SHA-256 of the password, which has at most 256 bytes.
        digest: [u8; 32],
    },
    /// A token (RFC 6750).
    Bearer {
        /// SHA-256 of the token, which has at most 256 bytes.
        digest: [u8; 32],
    },
}

impl Credentials<'_> {
    /// Whether a request with these `Authorization` fields may be answered. It must have exactly one.
    #[must_use]
    pub fn admits<'h>(&self, mut fields: impl Iterator<Item = &'h [u8]>) -> bool {
        let (Some(field), None) = (fields.next(), fields.next()) else { return false };
        match (self, self.given_in(field)) {
            (_, None) => false,
            (Self::Basic { user, digest }, Some(given)) => is_pair(given, user, digest),
            (Self::Bearer { digest }, Some(given)) => is_secret(given, digest).into(),
        }
    }

    /// Whether one of these `Authorization` fields has credentials of this scheme, right or wrong.
    pub(super) fn are_tried<'h>(&self, mut fields: impl Iterator<Item = &'h [u8]>) -> bool {
        fields.any(|field| self.given_in(field).is_some())
    }

    /// What an `Authorization` field gives, if it is of this scheme.
    fn given_in<'h>(&self, field: &'h [u8]) -> Option<&'h [u8]> {
        let (scheme, rest) = field.split_at_checked(field.iter().position(|&byte| byte == b' ')?)?;
        let given = rest.get(rest.iter().position(|&byte| byte != b' ')?..)?;
        let expected = match self {
            Self::Basic { .. } => "Basic",
            Self::Bearer { .. } => "Bearer",
        };
        scheme.eq_ignore_ascii_case(expected.as_bytes()).then_some(given)
    }

    /// The `WWW-Authenticate` that tells a client what to send (RFC 7617, 2; RFC 6750, 3), and one that has tried a
    /// token that it is not the right one (RFC 6750, 3.1).
    pub(super) fn challenge(self, were_tried: bool) -> &'static str {
        match (self, were_tried) {
            (Self::Basic { .. }, _) => "Basic realm=\"periscope\", charset=\"UTF-8\"",
            (Self::Bearer { .. }, false) => "Bearer realm=\"periscope\"",
            (Self::Bearer { .. }, true) => "Bearer realm=\"periscope\", error=\"invalid_token\"",
        }
    }
}

/// Whether `given` is `user:secret` in Base64.
fn is_pair(given: &[u8], user: &str, digest: &[u8; 32]) -> bool {
    let mut room = [0; MAX_USER + 1 + MAX_SECRET];
    let Ok(pair) = Base64::decode(given, &mut room) else { return false };
    // The first colon ends the user; a password may have more (RFC 7617, 2).
    let Some(colon) = pair.iter().position(|&byte| byte == b':') else { return false };
    let (their_user, secret) = (pair.get(..colon).unwrap_or_default(), pair.get(colon + 1..).unwrap_or_default());
    // Not `&&`, which would tell by its time whether the user is right.
    (their_user.ct_eq(user.as_bytes()) & is_secret(secret, digest)).into()
}

fn is_secret(given: &[u8], digest: &[u8; 32]) -> subtle::Choice {
    let fits = subtle::Choice::from(u8::from(given.len() <= MAX_SECRET));
    let hashed = given.get(..given.len().min(MAX_SECRET)).unwrap_or_default();
    Sha256::digest(hashed).as_slice().ct_eq(digest) & fits
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::{format, string::String, vec::Vec};

    use super::*;

    /// What `printf %s ... | sha256sum` prints of `open sesame`, `123£` and `mF_9.B5f-4.1JqM`.
    const SESAME: [u8; 32] = hex("41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb");
    const POUND: [u8; 32] = hex("cc455b7ec4897e2ced4269cb6442e8a40f83e95d083fdc6d31996d6ed540a021");
    const TOKEN: [u8; 32] = hex("b8e148545b13c78bc74da2f1a7275dd71e56ddece129d7d2f7b3ecc06f7994da");

    const fn hex(text: &str) -> [u8; 32] {
        let (mut bytes, mut index) = ([0; 32], 0);
        while index < 64 {
            let digit = text.as_bytes()[index];
            let value = if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 };
            bytes[index / 2] = bytes[index / 2] << 4 | value;
            index += 1;
        }
        bytes
    }

    fn one(credentials: &Credentials<'_>, field: &[u8]) -> bool {
        credentials.admits([field].into_iter())
    }

    fn encoded(pair: &[u8]) -> Vec<u8> {
        let mut room = [0; 1_024];
        format!("Basic {}", Base64::encode(pair, &mut room).expect("room")).into_bytes()
    }

    fn digest(secret: &[u8]) -> [u8; 32] {
        Sha256::digest(secret).into()
    }

    /// The example of RFC 7617, 2, and what else that section lets a client write.
    #[test]
    fn basic() {
        let aladdin = Credentials::Basic { user: "Aladdin", digest: SESAME };
        for field in [
            &b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="[..],
            b"basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            b"BASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ] {
            assert!(one(&aladdin, field), "{field:?}");
        }
        for field in [
            &b""[..],
            b"Basic",
            b"Basic ",
            b"QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            b"BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            b"Basic\tQWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            b"Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            b"Basi QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            // Padding missing, too much, and something behind it; the URL-safe alphabet; a line end; not Base64.
            b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
            b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ===",
            b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== x",
            b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==",
            b"Basic QWxhZGRp_jpvcGVuIHNlc2FtZQ==",
            b"Basic Aladdin:open sesame",
            b"Basic \xff\xff\xff\xff",
        ] {
            assert!(!one(&aladdin, field), "{field:?}");
        }
        for pair in
            [&b"Aladdin:open sesame "[..], b"aladdin:open sesame", b"Aladdin:", b":open sesame", b":", b"", b"Aladdin"]
        {
            assert!(!one(&aladdin, &encoded(pair)), "{pair:?}");
        }
    }

    /// RFC 7617, 2.1 and 2: UTF-8, and colons in the password.
    #[test]
    fn basic_beyond_ascii_and_with_colons() {
        assert!(one(&Credentials::Basic { user: "test", digest: POUND }, b"Basic dGVzdDoxMjPCow=="));
        let german = Credentials::Basic { user: "größe", digest: digest(b"a:b::c") };
        assert!(one(&german, &encoded("größe:a:b::c".as_bytes())));
        assert!(!one(&german, &encoded(b"gr\xf6\xdfe:a:b::c")), "Latin-1 is another user");
        let any = Credentials::Basic { user: "u", digest: digest(b"\xff\0\x80") };
        assert!(one(&any, &encoded(b"u:\xff\0\x80")));
    }

    /// The example of RFC 6750, 2.1.
    #[test]
    fn bearer() {
        let bearer = Credentials::Bearer { digest: TOKEN };
        assert!(one(&bearer, b"Bearer mF_9.B5f-4.1JqM"));
        assert!(one(&bearer, b"bearer  mF_9.B5f-4.1JqM"));
        for field in [
            &b"Bearer"[..],
            b"Bearer ",
            b"Bearer mF_9.B5f-4.1JqN",
            b"Bearer mF_9.B5f-4.1JqM x",
            b"Bearer mf_9.b5f-4.1jqm",
            b"Bearer \"mF_9.B5f-4.1JqM\"",
            b"Basic mF_9.B5f-4.1JqM",
            b"mF_9.B5f-4.1JqM",
        ] {
            assert!(!one(&bearer, field), "{field:?}");
        }
    }

    #[test]
    fn exactly_one_field() {
        let bearer = Credentials::Bearer { digest: TOKEN };
        let right = &b"Bearer mF_9.B5f-4.1JqM"[..];
        assert!(!bearer.admits([].into_iter()));
        assert!(!bearer.admits([right, right].into_iter()));
        assert!(!bearer.admits([b"", right].into_iter()));
    }

    #[test]
    fn the_longest_and_one_longer() {
        let (user, secret) = ("u".repeat(MAX_USER), "s".repeat(MAX_SECRET));
        let basic = Credentials::Basic { user: &user, digest: digest(secret.as_bytes()) };
        assert!(one(&basic, &encoded(format!("{user}:{secret}").as_bytes())));
        // One byte that the shorter user leaves room for must not be cut off.
        let longer = format!("{secret}x");
        let basic = Credentials::Basic { user: "u", digest: digest(secret.as_bytes()) };
        assert!(!one(&basic, &encoded(format!("u:{longer}").as_bytes())));
        for secret in [&secret, &longer] {
            let bearer = Credentials::Bearer { digest: digest(secret.as_bytes()) };
            assert_eq!(one(&bearer, format!("Bearer {secret}").as_bytes()), secret.len() == MAX_SECRET);
        }
        let bearer = Credentials::Bearer { digest: digest(secret.as_bytes()) };
        assert!(!one(&bearer, format!("Bearer {longer}").as_bytes()), "what is compared is not a prefix");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// What is right is admitted, and any other user or secret is not.
        #[test]
        fn only_what_is_right(
            user in "[^:\\p{Cc}]{1,16}",
            secret in prop::collection::vec(any::<u8>(), 0..=MAX_SECRET),
            other_user in "[^:\\p{Cc}]{1,16}",
            other_secret in prop::collection::vec(any::<u8>(), 0..=MAX_SECRET),
        ) {
            let basic = Credentials::Basic { user: &user, digest: digest(&secret) };
            let pair = |user: &str, secret: &[u8]| encoded(&[user.as_bytes(), b":", secret].concat());
            prop_assert!(one(&basic, &pair(&user, &secret)));
            prop_assert_eq!(one(&basic, &pair(&other_user, &secret)), user == other_user);
            prop_assert_eq!(one(&basic, &pair(&user, &other_secret)), secret == other_secret);
        }

        /// Nothing that a client can write is admitted by chance, or does harm.
        #[test]
        fn garbage_is_refused(
            garbage in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..1_000),
                "(Basic|bearer|BEARER) {0,2}[A-Za-z0-9+/=]{0,600}".prop_map(String::into_bytes),
            ],
        ) {
            for credentials in [Credentials::Bearer { digest: TOKEN }, Credentials::Basic { user: "u", digest: TOKEN }] {
                prop_assert!(!one(&credentials, &garbage));
            }
        }
    }
}
