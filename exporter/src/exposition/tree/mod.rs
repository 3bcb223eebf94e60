//! The tree of ukstore as text, JSON or HTML: one leaf, or a directory with what each of its leaves tells.
//!
//! ```text
//! $ curl http://guest:9100/ukstore/memory/heap/
//! chunk_bytes 65536
//! used_bytes 4096
//! ```
//!
//! Pieces are written whole, so that between two calls only a key, and the copy of a group that is read as one, are
//! held. No piece is longer than [`MAX_LINE`](crate::MAX_LINE): a listing shows the beginning of what is long, with `…`
//! behind it, and a leaf's own page has all of it, in pieces. Help and words may have any length; names of metrics and
//! labels are taken to have at most 200 bytes, and paths the 255 that a client may ask for. What a path leads to is found
//! by the caller; who may see it is not decided here.

mod escape;
mod html;
mod json;
mod text;

use core::fmt;
use core::ops::ControlFlow::{Break, Continue};

use ukstore::{Child, Content, Error, Leaf, Listing, Node, Snapshot};

use escape::Written;
pub(crate) use escape::put as put_escaped;

use crate::{Step, Window};

/// A form the tree is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people with a terminal, and for scripts.
    Text,
    /// For programs: numbers keep all their digits.
    Json,
    /// For people with a browser.
    Html,
}

impl Format {
    /// All forms, the one for who does not mind first.
    pub const ALL: [Self; 3] = [Self::Text, Self::Json, Self::Html];
    /// Their `Content-Type`s.
    pub const CONTENT_TYPES: [&str; 3] = ["text/plain; charset=utf-8", "application/json", "text/html; charset=utf-8"];

    /// The exact `Content-Type` of the form.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        Self::CONTENT_TYPES[self as usize]
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// What is there, in short.
    Head,
    /// Links to the directories above: one for each name of the path.
    Crumbs,
    /// What its declaration says of it.
    Help,
    /// What stands before the content.
    Opening,
    /// The children, or what the leaf tells.
    Content,
    Tail,
    End,
}

/// One pass over what is at a path, resumable at any piece. The path itself is handed in at each call.
#[derive(Clone, Debug)]
pub struct Encoder {
    format: Format,
    node: Node,
    piece: Piece,
    listing: Listing,
    /// How far the piece is: children, or bytes of words or of the path.
    written: usize,
    /// Whether what was written ends a line.
    ends_line: bool,
}

impl Encoder {
    /// An encoder at the beginning of what `node` is.
    #[must_use]
    pub const fn new(node: Node, format: Format) -> Self {
        Self { format, node, piece: Piece::Head, listing: Listing::new(), written: 0, ends_line: true }
    }

    /// The form it writes.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Writes up to `limit` pieces of what is at `path`.
    pub fn write(&mut self, path: &str, window: &mut Window<'_>, mut limit: usize) -> Step {
        while self.piece != Piece::End {
            if limit == 0 {
                return Step::More;
            }
            let step = match (self.piece, self.node) {
                (Piece::Content, Node::Directory(_)) => self.children(path, window, &mut limit),
                (Piece::Content, Node::Leaf(leaf)) => self.leaf(leaf, window),
                (Piece::Crumbs, node) => self.crumb(&node, path, window),
                (Piece::Help, node) => self.help(&node, window),
                (piece, node) => self.frame(piece, &node, path, window),
            };
            match step {
                Step::End => self.advance(),
                stopped => return stopped,
            }
            limit -= 1;
        }
        Step::End
    }

    /// Passes over the next piece, because no window is large enough for it.
    pub fn skip(&mut self) {
        match (self.piece, self.node) {
            (Piece::Content, Node::Directory(directory)) => {
                let mut passed = false;
                let flow = directory.children(&mut self.listing, |_| {
                    if passed {
                        return Break(());
                    }
                    passed = true;
                    Continue(())
                });
                if flow.is_continue() {
                    self.advance();
                }
            }
            _ => self.advance(),
        }
    }

    fn advance(&mut self) {
        self.piece = match self.piece {
            Piece::Head => Piece::Crumbs,
            Piece::Crumbs => Piece::Help,
            Piece::Help => Piece::Opening,
            Piece::Opening => Piece::Content,
            Piece::Content => Piece::Tail,
            Piece::Tail | Piece::End => Piece::End,
        };
        self.written = 0;
    }

    fn frame(&self, piece: Piece, node: &Node, path: &str, window: &mut Window<'_>) -> Step {
        let mark = window.len();
        match (self.format, piece) {
            (Format::Text, Piece::Tail) if !self.ends_line => window.put(b"\n"),
            (Format::Text, _) => {}
            (Format::Json, Piece::Head) => json::put_head(path, node, window),
            (Format::Json, Piece::Opening) => json::put_opening(node, window),
            (Format::Json, _) => json::put_tail(node, window),
            (Format::Html, Piece::Head) => html::put_head(path, window),
            (Format::Html, Piece::Opening) => html::put_opening(node, window),
            (Format::Html, _) => html::put_tail(path, node, window),
        }
        if window.end_line(mark) { Step::End } else { Step::Full }
    }

    /// The next link of the path.
    fn crumb(&mut self, node: &Node, path: &str, window: &mut Window<'_>) -> Step {
        if self.format != Format::Html {
            return Step::End;
        }
        let mark = window.len();
        let end = html::put_crumb(path, node, self.written, window);
        match (window.end_line(mark), end) {
            (false, _) => Step::Full,
            (true, None) => Step::End,
            (true, Some(end)) => {
                self.written = end;
                Step::More
            }
        }
    }

    fn help(&mut self, node: &Node, window: &mut Window<'_>) -> Step {
        match help(node) {
            Some(help) if self.format != Format::Text => self.words(&help, window),
            _ => Step::End,
        }
    }

    /// Words as far as they fit, since they may be longer than any window.
    fn words(&mut self, words: &dyn fmt::Display, window: &mut Window<'_>) -> Step {
        let mark = window.len();
        let before = Written { bytes: self.written, more: false, ends_line: self.ends_line };
        let after = escape::put_from(words, before, self.format, window);
        (self.written, self.ends_line) = (after.bytes, after.ends_line);
        match (after.more, window.len() > mark) {
            (false, _) => Step::End,
            // What was written is a piece of its own.
            (true, true) => Step::More,
            (true, false) => Step::Full,
        }
    }

    fn children(&mut self, path: &str, window: &mut Window<'_>, limit: &mut usize) -> Step {
        let Node::Directory(directory) = self.node else { return Step::End };
        let (format, written) = (self.format, &mut self.written);
        let flow = directory.children(&mut self.listing, |child| {
            if *limit == 0 {
                return Break(Step::More);
            }
            let mark = window.len();
            match format {
                Format::Text => text::put_child(&child, window),
                Format::Json => json::put_child(path, &child, *written == 0, window),
                Format::Html => html::put_child(path, &child, window),
            }
            if !window.end_line(mark) {
                return Break(Step::Full);
            }
            *limit -= 1;
            *written += 1;
            Continue(())
        });
        match flow {
            Break(step) => step,
            Continue(()) => {
                // The end of the children is counted as a piece by the caller.
                *limit = (*limit).max(1);
                Step::End
            }
        }
    }

    /// A leaf's content: words in pieces, everything else whole.
    fn leaf(&mut self, leaf: Leaf, window: &mut Window<'_>) -> Step {
        let (format, unit, mark) = (self.format, leaf.unit(), window.len());
        if self.written == 0 {
            self.ends_line = false;
        }
        let told = leaf.content(|content| {
            if let Content::Text(words) = content {
                return self.words(words, window);
            }
            self.ends_line = true;
            match format {
                Format::Text => text::put_content(&content, unit, window),
                Format::Json => json::put_content(&content, unit, LEAF_BYTES, window),
                Format::Html => html::put_content(&content, unit, window),
            }
            if window.end_line(mark) { Step::End } else { Step::Full }
        });
        told.unwrap_or_else(|error| {
            self.ends_line = true;
            match format {
                Format::Text => text::put_error(error, window),
                Format::Json => json::put_error(window),
                Format::Html => html::put_error(error, window),
            }
            if window.end_line(mark) { Step::End } else { Step::Full }
        })
    }
}

/// The most bytes of words, of help or of an info's values that a listing shows of one leaf, escaped. All of them are
/// shown at the leaf itself. The longest piece is then a histogram in JSON: 63 buckets are at most 2.2 kB, since at most 31
/// bounds are written by hand and the others are powers of two; path, names, labels, help and the rest add 1.5 kB.
const LISTED_BYTES: usize = 400;

/// The most bytes of an info's values that are shown at the leaf, shared by its labels.
const LEAF_BYTES: usize = 2_000;

/// What the declaration of what is there says.
fn help(node: &Node) -> Option<&'static str> {
    match node {
        Node::Directory(directory) => directory.help(),
        Node::Leaf(leaf) => Some(leaf.help()),
    }
}

/// Gives each bucket's bound, `None` for `+Inf`, and how many observations were at most that.
fn buckets(histogram: &Snapshot) -> impl Iterator<Item = (Option<u64>, u64)> {
    let bounds = histogram.bounds().iter().map(|&bound| Some(bound)).chain([None]);
    bounds.enumerate().map(|(index, bound)| (bound, histogram.at_most(index)))
}

/// A child's name, with the label's value behind it.
fn put_name(child: &Child<'_>, mut put: impl FnMut(&str)) {
    match *child {
        Child::Directory(name) => put(name),
        Child::Leaf { name, value, .. } => {
            put(name);
            if let Some(value) = value {
                put("/");
                put(value);
            }
        }
    }
}

/// What a child's content is worth saying of when there is none.
fn reason(error: Error) -> &'static str {
    match error {
        Error::Off => "its source is switched off",
        Error::Absent => "no value at present",
        Error::NotFound | Error::NotOneValue => "gone",
    }
}
