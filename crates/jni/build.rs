//! How the library is linked.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default();
    // LLD links for Android (it comes with the NDK), and by default here. It keeps one of functions that
    // are the same, and packs the relocations: Android 8 knows its own form of those, glibc another.
    let packing = match target.as_str() {
        "x86_64-unknown-linux-gnu" => "-z,pack-relative-relocs",
        _ if target.contains("android") => "--pack-dyn-relocs=android",
        _ => return,
    };
    println!("cargo::rustc-link-arg-cdylib=-Wl,--icf=all");
    println!("cargo::rustc-link-arg-cdylib=-Wl,{packing}");
}
