#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| smartassist_exporter::fuzzing::time(bytes));
