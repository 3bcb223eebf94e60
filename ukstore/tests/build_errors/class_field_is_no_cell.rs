//~ the trait bound `String: Number` is not satisfied
ukstore::class! {
    /// It.
    static A: Class<B> = "/a/b" {
        /// It.
        counter "c_total" => .c;
    }
}

pub struct B {
    c: String,
}

fn main() {}
