//~ mode: the same label twice
ukstore::computed! {
    /// It.
    gauge "/a/b", "a_depth", { mode = "0", mode = ["x", "y"] } => prompt |_| ukstore::Value::U64(1);
}

fn main() {}
