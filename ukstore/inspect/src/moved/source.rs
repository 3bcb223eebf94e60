//! The sources of a crate as tokens, without its tests, and with the declarations of metrics taken out. Not for what
//! either says.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::uses::Uses;

/// The macros of ukstore that declare something to be told. What is written in them moves nothing.
const DECLARING: [&str; 14] = [
    "counter",
    "counters",
    "gauge",
    "gauges",
    "histogram",
    "states",
    "class",
    "group",
    "computed",
    "listed",
    "zero",
    "info",
    "setting",
    "fault",
];

/// A crate's sources.
pub(super) struct Crate {
    pub(super) sources: Vec<Source>,
}

/// One file.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) declarations: Vec<Declaration>,
    pub(super) uses: Uses,
}

/// One call of a declaring macro.
pub(super) struct Declaration {
    pub(super) by: String,
    pub(super) body: TokenStream,
}

/// The folder of all sources of the crate a file belongs to.
pub(super) fn folder(file: &Path) -> &Path {
    let is_root = |folder: &&Path| folder.file_name().is_some_and(|name| name == "src");
    // The outermost, should a crate have a module called so.
    file.ancestors().filter(is_root).last().unwrap_or(file)
}

impl Crate {
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let mut sources = Vec::new();
        collect(folder, &mut sources)?;
        Ok(Self { sources })
    }
}

/// Every source below a folder but tests, or the one file it is.
fn collect(place: &Path, sources: &mut Vec<Source>) -> Result<(), String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", place.display());
    if place.is_dir() {
        let mut inside = std::fs::read_dir(place)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>())
            .map_err(|error| fault(&error))?;
        inside.sort();
        return inside.iter().try_for_each(|place| collect(place, sources));
    }
    // The crate itself may be one for tests.
    let mut inside = place.strip_prefix(folder(place)).unwrap_or(place).components();
    let is_test = inside.any(|part| ["tests", "tests.rs"].iter().any(|tests| part.as_os_str() == *tests));
    if is_test || place.extension().is_none_or(|extension| extension != "rs") {
        return Ok(());
    }
    let text = std::fs::read_to_string(place).map_err(|error| fault(&error))?;
    let tokens: TokenStream = text.parse().map_err(|error| fault(&error))?;
    let mut declarations = Vec::new();
    let uses = Uses::of(code(tokens, &mut declarations));
    sources.push(Source { path: place.to_owned(), declarations, uses });
    Ok(())
}

impl Source {
    /// Whether it can see what is private to `other`: it is that file, or a module below it.
    pub(super) fn is_within(&self, other: &Source) -> bool {
        let is_root =
            other.path.file_stem().is_some_and(|stem| ["mod", "lib", "main"].iter().any(|root| stem == *root));
        let below = if is_root { other.path.with_file_name("") } else { other.path.with_extension("") };
        self.path == other.path || self.path.starts_with(below)
    }
}

/// The tokens without tests and declarations; the latter are put where they are asked for.
fn code(tokens: TokenStream, declarations: &mut Vec<Declaration>) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match (token, tokens.get(at), tokens.get(at + 1)) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(attribute)), _)
                if hash.as_char() == '#' && is_test(attribute) =>
            {
                at += 1 + item_len(&tokens[at + 1..]);
            }
            (TokenTree::Ident(by), Some(TokenTree::Punct(bang)), Some(TokenTree::Group(body)))
                if bang.as_char() == '!' && DECLARING.iter().any(|name| by == name) =>
            {
                declarations.push(Declaration { by: by.to_string(), body: body.stream() });
                at += 2;
            }
            (TokenTree::Group(group), ..) => {
                rest.push(Group::new(group.delimiter(), code(group.stream(), declarations)).into());
            }
            _ => rest.push(token.clone()),
        }
    }
    rest.into_iter().collect()
}

/// Whether an attribute keeps what it is of to tests.
fn is_test(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// How many tokens an item has: up to its braces or its semicolon.
fn item_len(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |last| last + 1)
}
