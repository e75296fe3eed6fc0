#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    scimshim_fuzz::targets::filter::run(input);
});
