//! What requests cost the compiled module, by instructions and memory. The fuzzer keeps whatever costs more for its size than what it
//! found before, so it climbs towards the worst.

#![no_main]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use admission::payload;
use host::meter::Meter;
use host::policy::module_bytes;
use libfuzzer_sys::fuzz_target;
use testkit::generators::costly::costly_requests;
use testkit::generators::from_bytes;
use testkit::generators::references::Request;

/// What libFuzzer reads as coverage besides the code's.
/// <https://llvm.org/docs/LibFuzzer.html#extra-counters>
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static COSTS: [AtomicU8; 4096] = [const { AtomicU8::new(0) }; 4096];

/// The most instructions for a byte so far, BASE apart.
static WORST: AtomicU64 = AtomicU64::new(0);

static METER: LazyLock<Meter> = LazyLock::new(|| {
    let module = module_bytes().expect("make fuzz builds the module");
    Meter::new(&module).expect("the module compiles")
});

// Compiling the module takes longer than any input may.
fuzz_target!(init: LazyLock::force(&METER), |bytes: &[u8]| {
    let Request { settings, request } = from_bytes(&costly_requests(), bytes);
    let payload = payload(&request, &settings);
    // More memory than a policy may take is a trap.
    let cost = METER.call("validate", &payload).expect("a call never fails");
    if let Err(fault) = cost.check(&payload, &settings) {
        panic!("{fault}");
    }
    let per_byte = cost.instructions / payload.len() as u64;
    for (slot, value) in [per_byte, 2048 + (cost.memory >> 16) as u64].into_iter().enumerate() {
        let at = (value as usize).clamp(slot * 2048, slot * 2048 + 2047);
        COSTS[at].store(1, Ordering::Relaxed);
    }
    if payload.len() > 4096 && WORST.fetch_max(per_byte, Ordering::Relaxed) < per_byte {
        println!("{per_byte} instructions for a byte: {cost} for {} bytes", payload.len());
    }
});
