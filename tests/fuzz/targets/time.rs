#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| simrelay_core::fuzz::time(octets));
