//~ ukstore: an info has 1 to 8 labels
ukstore::info! {
    /// It.
    "/a/build", "a_build_info", { l0 = "1", l1 = "1", l2 = "1", l3 = "1", l4 = "1", l5 = "1", l6 = "1", l7 = "1", l8 = "1" };
}

fn main() {}
