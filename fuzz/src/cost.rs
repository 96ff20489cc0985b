//! What the policy allocates: a measure of what a request costs, in time as in memory.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use http_proxy_policy::policy;

/// How many bytes the policy may allocate for a byte that it reads or writes.
const PER_BYTE: usize = 50;

/// How many bytes it may allocate whatever it reads: the in-cluster entries, for example.
const BASE: usize = 64 << 10;

/// How many it may allocate where `expandCidrs` lists networks address by address: few bytes of settings make the longest list.
const EXPANDED: usize = 16 << 20;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(bytes: usize) {
    ALLOCATED.set(ALLOCATED.get().wrapping_add(bytes));
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Checks that the policy allocates no more than in proportion to what it reads and writes. `expands` says whether the settings have
/// networks listed address by address.
pub fn check_cost(payload: &[u8], expands: bool) {
    let before = ALLOCATED.get();
    let answer = policy::validate(payload);
    let allocated = ALLOCATED.get().wrapping_sub(before);
    let bytes = payload.len() + answer.len();
    let base = if expands { EXPANDED } else { BASE };
    assert!(allocated <= base + PER_BYTE * bytes, "{allocated} bytes for {bytes}");
}
