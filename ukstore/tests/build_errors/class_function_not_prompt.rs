//~ no rules expected `|`
ukstore::class! { #[doc = "It."] static A: Class<u64> = "/a/x" { #[doc = "It."] counter "c_total" => |object| *object; } }

fn main() {}
