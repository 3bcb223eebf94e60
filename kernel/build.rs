//! Puts the folder of the linker script on the search path of every program that depends on the kernel.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo:rustc-link-search={folder}");
    println!("cargo:rerun-if-changed=periscope.ld");
}
