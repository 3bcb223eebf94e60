//~ ukstore: a setting of words has no metric: declare states! beside it
ukstore::setting! {
    /// It.
    static A: Role = Role::Idle, "/a/role", "a_role";
}

ukstore::labels! {
    /// What it does.
    pub enum Role {
        Idle = "idle",
    }
}

fn main() {}
