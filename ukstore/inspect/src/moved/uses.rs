//! What code moves: names of statics and fields with a call that alters a number behind them, or given away by
//! reference, so that somebody else can. Not for who owns the names.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What alters a cell: the calls of ukstore's cells and of core's atomics. Those that begin with `fetch_` do as well.
const MOVING: [&str; 12] = [
    "inc",
    "add",
    "sub",
    "set",
    "observe",
    "observe_in",
    "observe_f64",
    "store",
    "swap",
    "update",
    "compare_exchange",
    "compare_exchange_weak",
];

/// Names that code moves.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) statics: HashSet<String>,
    pub(super) fields: HashSet<String>,
}

impl Uses {
    pub(super) fn of(tokens: TokenStream) -> Self {
        let mut uses = Self::default();
        uses.take(tokens);
        uses
    }

    fn take(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.take(group.stream()),
                TokenTree::Ident(name) if is_moved(&tokens, at) => {
                    let names = if is_field(&tokens, at) { &mut self.fields } else { &mut self.statics };
                    names.insert(name.to_string());
                }
                TokenTree::Ident(name) if is_made_of_a_value(&tokens[at + 1..]) => {
                    self.fields.insert(name.to_string());
                }
                _ => {}
            }
        }
    }
}

/// Whether a name is that of a field, or of a method.
pub(super) fn is_field(tokens: &[TokenTree], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| punct(&tokens[before], '.'))
}

/// The call behind a name, and behind its index if it has one: `.add(1)`.
pub(super) fn called(tokens: &[TokenTree], at: usize) -> Option<(String, &Group)> {
    match tokens.get(behind(tokens, at)..)? {
        [dot, TokenTree::Ident(call), arguments, ..] if punct(dot, '.') => {
            in_group(arguments, Delimiter::Parenthesis).map(|arguments| (call.to_string(), arguments))
        }
        _ => None,
    }
}

/// Where what follows a name and its indexes is.
fn behind(tokens: &[TokenTree], at: usize) -> usize {
    let is_index = |token: &&TokenTree| in_group(token, Delimiter::Bracket).is_some();
    at + 1 + tokens[at + 1..].iter().take_while(is_index).count()
}

/// `NAME.inc()`, `object.field[index].inc()`, `&object.field`.
fn is_moved(tokens: &[TokenTree], at: usize) -> bool {
    match called(tokens, at) {
        Some((call, arguments)) => alters(&call, arguments),
        None => !continues(tokens.get(behind(tokens, at))) && is_referred_to(tokens, at),
    }
}

/// Whether a name is that of an object, a function, a macro or a path's folder.
fn continues(next: Option<&TokenTree>) -> bool {
    next.is_some_and(|next| {
        in_group(next, Delimiter::Parenthesis).is_some() || ['.', ':', '!'].iter().any(|&sign| punct(next, sign))
    })
}

fn alters(call: &str, arguments: &Group) -> bool {
    // `get` with a label's value gives the cell, and without one the number.
    MOVING.contains(&call) || call.starts_with("fetch_") || call == "get" && !arguments.stream().is_empty()
}

/// Whether the expression that ends with a name begins with one `&`.
fn is_referred_to(tokens: &[TokenTree], at: usize) -> bool {
    let is_path = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | ':'),
        TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
        TokenTree::Ident(_) => true,
        TokenTree::Literal(_) => false,
    };
    let mut before = tokens[..at].iter().rev().skip_while(|token| is_path(token)).map(|token| punct(token, '&'));
    before.next() == Some(true) && before.next() != Some(true)
}

/// `: Gauge::new(size)`, after a field's name: it holds what it was made of.
fn is_made_of_a_value(after: &[TokenTree]) -> bool {
    let value = after.split(|token| punct(token, ',')).next().unwrap_or_default();
    match value {
        [colon, .., TokenTree::Ident(call), arguments] if punct(colon, ':') && call == "new" => {
            let arguments = in_group(arguments, Delimiter::Parenthesis).map(|group| group.stream().to_string());
            arguments.is_some_and(|arguments| !["", "0", "false"].contains(&&*arguments))
        }
        _ => false,
    }
}

fn in_group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

fn punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
