//~ mode: the same label twice
ukstore::listed! {
    /// It.
    gauge "/a/b", "a_depth", { mode, mode } => prompt |_position| None;
}

fn main() {}
