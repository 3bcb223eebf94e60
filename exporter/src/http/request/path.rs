//! The path below `/ukstore`: percent-decoded exactly once into a buffer of a fixed size, and checked.
//!
//! What comes out can be compared with names and shown to people: UTF-8 without control characters, single slashes, no
//! slash at the end. Whether anything is there is the tree's business; `.` and `..` are names that nothing has.

use core::fmt;

use super::percent::{self, Decoded};
use super::refusal::Refusal;

/// The most bytes of a path, decoded. An object's name has up to 39, and directories in the tree are few and short.
pub(in crate::http) const MAX_PATH: usize = 255;

/// A path in the tree, such as `/memory/heap/used_bytes`; the root is `/`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct TreePath {
    bytes: [u8; MAX_PATH],
    len: usize,
    names_directory: bool,
}

impl TreePath {
    /// Decodes what follows `/ukstore` in a target: nothing, or a slash and more.
    ///
    /// # Errors
    /// What is wrong with it. [`Refusal::NotFound`] for an encoded slash: it would be part of a name, and no name has
    /// one.
    pub(in crate::http) fn decode(raw: &str) -> Result<Self, Refusal> {
        let (inner, names_directory) = raw.strip_suffix('/').map_or((raw, raw.is_empty()), |inner| (inner, true));
        let mut path = Self { bytes: [0; MAX_PATH], len: 0, names_directory };
        for byte in percent::decode(inner) {
            let byte = byte.map_err(|percent::BadEscape| Refusal::PathEscape)?;
            match byte {
                Decoded::Escaped(b'/') => return Err(Refusal::NotFound),
                // The one slash that may end a path is off, so a name must follow.
                Decoded::Plain(b'/') if path.bytes.get(..path.len).is_some_and(|before| before.ends_with(b"/")) => {
                    return Err(Refusal::PathEmptyName);
                }
                _ => {}
            }
            *path.bytes.get_mut(path.len).ok_or(Refusal::PathTooLong)? = byte.byte();
            path.len += 1;
        }
        path.check()?;
        Ok(path)
    }

    /// As text.
    pub(in crate::http) fn as_str(&self) -> &str {
        match self.decoded().ok() {
            None | Some("") => "/",
            Some(path) => path,
        }
    }

    /// Whether only a directory can have been meant: it is the root, or a slash followed.
    pub(in crate::http) fn names_directory(&self) -> bool {
        self.names_directory
    }

    fn decoded(&self) -> Result<&str, core::str::Utf8Error> {
        core::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default())
    }

    fn check(&self) -> Result<(), Refusal> {
        let path = self.decoded().map_err(|_| Refusal::PathNotUtf8)?;
        if path.chars().any(char::is_control) {
            return Err(Refusal::PathControl);
        }
        if path.ends_with('/') {
            return Err(Refusal::PathEmptyName);
        }
        Ok(())
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::format;
    use std::string::String;

    use super::*;

    #[test]
    fn decoded_once() {
        for (raw, path, directory) in [
            ("", "/", true),
            ("/", "/", true),
            ("/memory", "/memory", false),
            ("/memory/", "/memory", true),
            ("/memory/heap/used_bytes", "/memory/heap/used_bytes", false),
            ("/threads/the%20worker", "/threads/the worker", false),
            ("/threads/gr%C3%b6%c3%9Fe", "/threads/größe", false),
            ("/a%2520b", "/a%20b", false),
            ("/a%252Fb", "/a%2Fb", false),
            ("/a+b&c=d;e", "/a+b&c=d;e", false),
            ("/%2e%2E/etc", "/../etc", false),
            ("/./a", "/./a", false),
        ] {
            let decoded = TreePath::decode(raw).expect(raw);
            assert_eq!((decoded.as_str(), decoded.names_directory()), (path, directory), "{raw}");
        }
    }

    #[test]
    fn refused() {
        for (raw, refusal) in [
            ("/%", Refusal::PathEscape),
            ("/a%4", Refusal::PathEscape),
            ("/a%/b", Refusal::PathEscape),
            ("/a%4/", Refusal::PathEscape),
            ("/%4g", Refusal::PathEscape),
            ("/%g4", Refusal::PathEscape),
            ("/%+4", Refusal::PathEscape),
            ("/%%41", Refusal::PathEscape),
            ("/a%00", Refusal::PathControl),
            ("/%00/", Refusal::PathControl),
            ("/a%0d%0aSet-Cookie:x", Refusal::PathControl),
            ("/a%1B[2J", Refusal::PathControl),
            ("/%7f", Refusal::PathControl),
            ("/%c2%85", Refusal::PathControl),
            ("/%ff", Refusal::PathNotUtf8),
            ("/%c3", Refusal::PathNotUtf8),
            ("/%c3/%b6", Refusal::PathNotUtf8),
            ("/%c0%af", Refusal::PathNotUtf8),
            ("/%c0%80", Refusal::PathNotUtf8),
            ("/%ed%a0%80", Refusal::PathNotUtf8),
            ("/%f5%80%80%80", Refusal::PathNotUtf8),
            ("//", Refusal::PathEmptyName),
            ("//a", Refusal::PathEmptyName),
            ("/a//b", Refusal::PathEmptyName),
            ("/a//", Refusal::PathEmptyName),
            ("/a%2Fb", Refusal::NotFound),
            ("/a%2f", Refusal::NotFound),
            ("/%2f/", Refusal::NotFound),
        ] {
            assert_eq!(TreePath::decode(raw), Err(refusal), "{raw}");
        }
    }

    #[test]
    fn the_longest_path_and_one_longer() {
        for (byte, encoded) in [("a", "a"), ("a", "%61")] {
            let longest = format!("/{}", encoded.repeat(MAX_PATH - 1));
            let decoded = TreePath::decode(&longest).expect("it fits");
            assert_eq!(decoded.as_str(), format!("/{}", byte.repeat(MAX_PATH - 1)));
            assert_eq!(TreePath::decode(&format!("{longest}/")), Ok(TreePath { names_directory: true, ..decoded }));
            assert_eq!(TreePath::decode(&format!("{longest}{encoded}")), Err(Refusal::PathTooLong));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_decoded_is_clean(raw in "(/[ -~]{0,12}|/(%[0-9a-fA-F]{2}|[a-z/%]){0,100}){0,4}") {
            if let Ok(path) = TreePath::decode(&raw) {
                let path = path.as_str();
                prop_assert!(path.starts_with('/') && !path.contains("//") && !path.chars().any(char::is_control));
                prop_assert!(path == "/" || !path.ends_with('/'));
                prop_assert!(path.len() <= MAX_PATH);
            }
        }

        #[test]
        fn an_encoded_name_comes_back(name in "[^/\\p{Cc}]{1,60}", slash in any::<bool>()) {
            let raw: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let decoded = TreePath::decode(&format!("/{raw}{}", if slash { "/" } else { "" })).expect("it is clean");
            prop_assert_eq!(decoded.as_str(), format!("/{name}"));
            prop_assert_eq!(decoded.names_directory(), slash);
        }
    }
}
