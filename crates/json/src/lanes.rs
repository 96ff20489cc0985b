//! Sixteen bytes that are compared at once: by one instruction in WebAssembly, and one by one elsewhere.

use std::ops::BitOr;

/// How many bytes are compared at once.
pub(crate) const LANES: usize = 16;

/// For each of sixteen bytes, whether it is what was looked for.
#[derive(Clone, Copy)]
pub(crate) struct Found(imp::Lanes);

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Bytes(imp::Lanes);

impl Bytes {
    #[inline(always)]
    pub(crate) fn new(bytes: &[u8; LANES]) -> Self {
        Bytes(imp::load(bytes))
    }

    /// The bytes with the bit set by which upper and lower case differ.
    #[inline(always)]
    pub(crate) fn lower(self) -> Self {
        Bytes(imp::or(self.0, imp::splat(b' ')))
    }

    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> Found {
        Found(imp::equal(self.0, imp::splat(byte)))
    }

    #[inline(always)]
    pub(crate) fn below(self, byte: u8) -> Found {
        Found(imp::below(self.0, imp::splat(byte)))
    }
}

impl BitOr for Found {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Found(imp::or(self.0, other.0))
    }
}

impl Found {
    /// A bit for each of the bytes, the first byte the lowest.
    #[inline(always)]
    pub(crate) fn bits(self) -> u16 {
        imp::bits(self.0)
    }

    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        imp::any(self.0)
    }
}

#[cfg(target_arch = "wasm32")]
mod imp {
    use std::arch::wasm32::{u8x16_bitmask, u64x2};
    pub(super) use std::arch::wasm32::{
        u8x16_eq as equal, u8x16_lt as below, u8x16_splat as splat, v128 as Lanes, v128_any_true as any, v128_or as or,
    };

    #[inline(always)]
    pub(super) fn load(bytes: &[u8; 16]) -> Lanes {
        let bytes = u128::from_le_bytes(*bytes);
        u64x2(bytes as u64, (bytes >> 64) as u64)
    }

    #[inline(always)]
    pub(super) fn bits(found: Lanes) -> u16 {
        u8x16_bitmask(found)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod imp {
    pub(super) type Lanes = [u8; 16];

    pub(super) fn load(bytes: &Lanes) -> Lanes {
        *bytes
    }

    pub(super) fn splat(byte: u8) -> Lanes {
        [byte; 16]
    }

    fn each(one: Lanes, other: Lanes, of: impl Fn(u8, u8) -> u8) -> Lanes {
        std::array::from_fn(|lane| of(one[lane], other[lane]))
    }

    pub(super) fn or(one: Lanes, other: Lanes) -> Lanes {
        each(one, other, |one, other| one | other)
    }

    pub(super) fn equal(one: Lanes, other: Lanes) -> Lanes {
        each(one, other, |one, other| u8::from(one == other))
    }

    pub(super) fn below(one: Lanes, other: Lanes) -> Lanes {
        each(one, other, |one, other| u8::from(one < other))
    }

    pub(super) fn any(found: Lanes) -> bool {
        found != [0; 16]
    }

    pub(super) fn bits(found: Lanes) -> u16 {
        found.iter().rev().fold(0, |bits, found| bits << 1 | u16::from(*found))
    }
}
