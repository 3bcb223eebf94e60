//! Encoding as a connection does it: through windows of any size, and what fits into none of them through a stage.

use exporter::exposition::{Encoder, Format, Selection};
use exporter::{MAX_LINE, Step, Window};

/// What became of a pass over the tree.
#[derive(Debug, PartialEq)]
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) series: u64,
    /// Items longer than may be.
    pub(crate) skipped: u64,
}

/// Everything, through windows of the sizes `sizes` gives; after each, `meanwhile` runs.
pub(crate) fn encode(
    format: Format,
    created_unix_ns: Option<u64>,
    mut sizes: impl FnMut() -> usize,
    mut meanwhile: impl FnMut(),
) -> Encoded {
    let mut encoder = Encoder::new(format, Selection::ALL, created_unix_ns);
    let (mut room, mut bytes, mut skipped) = (vec![0; 1 << 16], Vec::new(), 0);
    let mut is_staged = false;
    loop {
        let size = if is_staged { MAX_LINE } else { sizes() };
        let mut window = Window::new(&mut room[..size]);
        let step = encoder.write(&mut window, if is_staged { 1 } else { usize::MAX });
        assert!(!window.overflowed());
        bytes.extend_from_slice(window.written());
        match step {
            Step::End => return Encoded { bytes, series: encoder.series(), skipped },
            Step::Full if window.is_empty() && size >= MAX_LINE => {
                encoder.skip();
                skipped += 1;
                is_staged = false;
            }
            step => is_staged = step == Step::Full && window.is_empty(),
        }
        meanwhile();
    }
}

/// All of a text at once.
pub(crate) fn whole_text(format: Format, created_unix_ns: Option<u64>) -> String {
    String::from_utf8(encode(format, created_unix_ns, || 1 << 16, || ()).bytes).expect("UTF-8")
}

/// The lines of one family, which begin with `begin`; all families' begin with the same first words.
pub(crate) fn family<'a>(text: &'a str, begin: &str) -> &'a str {
    let (_, rest) = text.split_at(text.find(begin).unwrap_or_else(|| panic!("no {begin} in:\n{text}")));
    let first_words = &begin[..7];
    let ends = [first_words, "# EOF"].map(|next| rest[1..].find(next).map_or(rest.len(), |end| end + 1));
    &rest[..ends[0].min(ends[1])]
}
