//! Remote write: what a capture becomes, read back by decoders that know nothing of the encoder, and which version is
//! spoken.

mod agreement;
mod captures;
#[path = "../exposition/encode.rs"]
#[expect(dead_code, reason = "the tests of expositions use all of it")]
mod encode;
mod endings;
mod exchange;
mod golden;
mod machine;
mod schema;
#[path = "../exposition/tree.rs"]
mod tree;
