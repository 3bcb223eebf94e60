//~ a_build: an info's name ends in _info
ukstore::info! {
    /// It.
    "/a/build", "a_build", { version = "1" };
}

fn main() {}
