//! The engine: libFuzzer over the target that APIM_PROBE_FUZZ names. Started by scripts/fuzz, which also instruments the code.

#![no_main]

use std::sync::LazyLock;

use apim_probe_fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("APIM_PROBE_FUZZ").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| panic!("APIM_PROBE_FUZZ names no target: `{name}`"))
});

fuzz_target!(|bytes: &[u8]| TARGET.hold(bytes));
