//~ a_x: a counter's name ends in _total
ukstore::computed! {
    /// It.
    counter "/a/b", "a_x" => || ukstore::Value::U64(1);
}

fn main() {}
