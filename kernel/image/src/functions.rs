//! The functions of a linked kernel and what people call them.

use crate::linked::Linked;
use crate::refusal::Refusal;
use object::read::{Object, ObjectSymbol, SymbolKind};

/// Longest name kept. Names of generic code can be kilobytes long; both ends tell the most.
const NAME_BYTES: usize = 120;

/// One function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) name: String,
}

/// The functions in executable segments, in the order of their addresses, one for each address.
pub(crate) fn of(linked: &Linked<'_>) -> Result<Vec<Function>, Refusal> {
    let mut functions = Vec::new();
    for symbol in linked.file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
        let start = symbol.address();
        let Some(segment) = linked.loads.iter().find(|load| load.is_executable() && load.contains(start)) else {
            continue;
        };
        // Symbols of hand-written assembly have no size unless their author gave one; the next function ends them.
        let end = if symbol.size() == 0 { segment.end } else { start.saturating_add(symbol.size()).min(segment.end) };
        functions.push(Function { start, end, name: readable(symbol.name()?) });
    }
    // Where the linker folded equal functions into one, any of the names will do, but always the same.
    functions.sort_by(|a, b| (a.start, &a.name).cmp(&(b.start, &b.name)));
    functions.dedup_by_key(|function| function.start);
    if functions.is_empty() { Err(Refusal::NoFunctions) } else { Ok(functions) }
}

/// The name as the source has it, without the compiler's hashes.
fn readable(symbol: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    if name.len() <= NAME_BYTES {
        return name;
    }
    let half = (NAME_BYTES - "…".len()) / 2;
    let (head, tail) = (name.floor_char_boundary(half), name.ceil_char_boundary(name.len() - half));
    format!("{}…{}", &name[..head], &name[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable() {
        assert_eq!(readable("_ZN9periscope6memory4heap5alloc17h0123456789abcdefE"), "periscope::memory::heap::alloc");
        assert_eq!(readable("_RNvCskwGfYPst2Cb_3foo3bar"), "foo::bar");
        assert_eq!(readable("_start"), "_start");
    }

    #[test]
    fn long_names_keep_both_ends() {
        let name = readable(&format!("begin{}end", "é".repeat(200)));
        assert!(name.starts_with("begin") && name.ends_with("end") && name.contains('…'));
        assert!((NAME_BYTES - 4..=NAME_BYTES).contains(&name.len()), "{}", name.len());
    }
}
