//! The cells that declarations make, name, or load in their functions. Not for what functions call: they may compute
//! from anything.

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::Declaration;
use super::uses::{called, is_field};

/// A cell that code has to move.
pub(super) struct Cell {
    /// The static's, or the field's.
    pub(super) name: String,
    pub(super) whose: Whose,
    pub(super) seen: Seen,
    /// Its metric, or what it is called in the tree.
    pub(super) told: String,
    pub(super) line: usize,
}

/// What a cell is part of.
pub(super) enum Whose {
    /// It is a static.
    Static,
    /// It is in an object or a group.
    Field,
}

/// Where the code is that can see it.
pub(super) enum Seen {
    /// In the module of its declaration: it is private.
    InModule,
    /// In the crate. A field can be wherever its object is.
    InCrate,
    /// Anywhere: a function may load what another crate counts.
    Anywhere,
}

/// Every text in declarations, the metrics' names among them.
pub(super) fn names(declarations: &[Declaration], names: &mut HashSet<String>) {
    fn take(tokens: TokenStream, names: &mut HashSet<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => take(group.stream(), names),
                token => names.extend(text(&token)),
            }
        }
    }
    declarations.iter().for_each(|declaration| take(declaration.body.clone(), names));
}

pub(super) fn cells(declarations: &[Declaration]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for declaration in declarations {
        loaded(declaration.body.clone(), &mut cells);
        match declaration.by.as_str() {
            "class" | "group" => {
                let bodies = declaration.body.clone().into_iter().filter_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                    _ => None,
                });
                cells.extend(bodies.flat_map(statements).filter_map(|tokens| field(&tokens)));
            }
            "counter" | "counters" | "gauge" | "gauges" | "histogram" | "states" => {
                cells.extend(statements(declaration.body.clone()).iter().filter_map(|tokens| cell(tokens)));
            }
            _ => {}
        }
    }
    cells
}

/// What stands before each semicolon, without attributes and documentation.
fn statements(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let parts = tokens.split(|token| is(token, ';')).map(|part| {
        let is_attribute = |at: usize| is(&part[at], '#') || at.checked_sub(1).is_some_and(|hash| is(&part[hash], '#'));
        (0..part.len()).filter(|&at| !is_attribute(at)).map(|at| part[at].clone()).collect()
    });
    parts.collect()
}

/// `pub static NAME = "/path", "metric"`.
fn cell(tokens: &[TokenTree]) -> Option<Cell> {
    let at = tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "static"))?;
    let seen = if at > 0 { Seen::InCrate } else { Seen::InModule };
    Some(Cell { name: tokens.get(at + 1)?.to_string(), whose: Whose::Static, seen, ..told(tokens)? })
}

/// `counter cell = "name", "metric"`, or `counter "name", "metric" => .part.cell`. What has a function has no cell.
fn field(tokens: &[TokenTree]) -> Option<Cell> {
    let arrow = tokens.windows(2).position(|pair| is(&pair[0], '=') && is(&pair[1], '>'));
    let name = match arrow {
        Some(arrow) if tokens.get(arrow + 2).is_some_and(|token| is(token, '.')) => tokens.last()?.to_string(),
        Some(_) => return None,
        None => {
            // The word before the name is the cell's, or its type's behind a colon.
            let end = tokens.iter().position(|token| is(token, ':') || is(token, '='))?;
            tokens.get(end.checked_sub(1)?)?.to_string()
        }
    };
    Some(Cell { name, whose: Whose::Field, seen: Seen::InCrate, ..told(tokens)? })
}

/// `NAME.load(..)` and `object.field[index].load(..)` in functions.
fn loaded(tokens: TokenStream, cells: &mut Vec<Cell>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => loaded(group.stream(), cells),
            TokenTree::Ident(name) if called(&tokens, at).is_some_and(|(call, _)| call == "load") => {
                let whose = if is_field(&tokens, at) { Whose::Field } else { Whose::Static };
                let (line, told) = (token.span().start().line, "what is computed".to_owned());
                cells.push(Cell { name: name.to_string(), whose, seen: Seen::Anywhere, told, line });
            }
            _ => {}
        }
    }
}

/// A cell called as its last text, and on the line of that.
fn told(tokens: &[TokenTree]) -> Option<Cell> {
    let last = tokens.iter().rfind(|token| text(token).is_some())?;
    let line = last.span().start().line;
    Some(Cell { name: String::new(), whose: Whose::Static, seen: Seen::InModule, told: text(last)?, line })
}

/// A literal text.
fn text(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    Some(literal.to_string().strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

fn is(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
