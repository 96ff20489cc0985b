//! Counts the WebAssembly instructions of a call, the same on every machine and under any load, and limits them.

use std::fmt;

use crate::engine;
use serde_json::Value;
use wasmtime::{
    Caller, Config, Engine, Error, Extern, Linker, Memory, Module, Result, Store, StoreLimits, StoreLimitsBuilder,
};

/// Most instructions of a call; more are a trap. A policy server's time limit is two seconds, in which a machine executes some eight thousand
/// million.
pub const MAX_INSTRUCTIONS: u64 = 2 << 30;

/// Most bytes of linear memory; more are a trap. A policy server sets no limit but that of its container, which it shares among its
/// policies and the requests that it answers at the same time.
pub const MAX_MEMORY: usize = 64 << 20;

/// What a call cost.
#[derive(Debug)]
pub struct Cost {
    pub answer: Vec<u8>,
    /// Executed instructions, instantiation included, as wasmtime's fuel counts them.
    pub instructions: u64,
    /// Linear memory at the end, in bytes; it never shrinks, so this is the peak.
    pub memory: usize,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} instructions, {} KiB", self.instructions, self.memory >> 10)
    }
}

/// The most instructions for a byte of a request.
const PER_BYTE: u64 = 4000;

/// What any call may take, however little it reads.
pub const BASE: u64 = 400_000;

/// What settings may take in addition whose `expandCidrs` lists networks address by address: few bytes make the longest list.
pub const EXPANDED: u64 = 100_000_000;

/// The most instructions for any request, half of what an engine executes in a policy server's time limit.
const MOST: u64 = 1_000_000_000;

impl Cost {
    /// Checks that a call costs no more than in proportion to the payload, which is `{"request": …, "settings": …}`. The limit of memory
    /// is a trap: [`MAX_MEMORY`].
    ///
    /// # Errors
    /// What it cost, and how much it might have cost.
    pub fn check(&self, payload: &[u8], settings: &Value) -> Result<(), String> {
        let expands = settings["expandCidrs"].is_u64();
        let base = if expands { BASE + EXPANDED } else { BASE };
        let most = MOST.min(base + PER_BYTE * payload.len() as u64);
        if self.instructions <= most {
            Ok(())
        } else {
            Err(format!(
                "{self} for {} bytes; at most {most} instructions",
                payload.len()
            ))
        }
    }
}

/// A module compiled so that it counts.
pub struct Meter {
    engine: Engine,
    linker: Linker<Guest>,
    module: Module,
}

struct Guest {
    function: Vec<u8>,
    payload: Vec<u8>,
    answer: Vec<u8>,
    limits: StoreLimits,
}

impl Meter {
    pub fn new(wasm: &[u8]) -> Result<Self> {
        let engine = {
            let mut config = Config::new();
            config.consume_fuel(true);
            engine::cached(config).map_err(Error::msg)?
        };
        let module = Module::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap(
            "wapc",
            "__guest_request",
            |mut caller: Caller<'_, Guest>, function: u32, payload: u32| -> Result<()> {
                let memory = memory(&mut caller)?;
                let (bytes, guest) = memory.data_and_store_mut(&mut caller);
                bytes[function as usize..][..guest.function.len()].copy_from_slice(&guest.function);
                bytes[payload as usize..][..guest.payload.len()].copy_from_slice(&guest.payload);
                Ok(())
            },
        )?;
        for respond in ["__guest_response", "__guest_error"] {
            linker.func_wrap(
                "wapc",
                respond,
                |mut caller: Caller<'_, Guest>, at: u32, length: u32| -> Result<()> {
                    let memory = memory(&mut caller)?;
                    let (bytes, guest) = memory.data_and_store_mut(&mut caller);
                    guest.answer = bytes[at as usize..][..length as usize].to_vec();
                    Ok(())
                },
            )?;
        }
        // Whatever else the module imports is never called: it traps.
        linker.define_unknown_imports_as_traps(&module)?;
        // Except for the random seed of std's hash maps; a fixed one keeps the counts the same.
        linker.allow_shadowing(true).func_wrap(
            "wasi_snapshot_preview1",
            "random_get",
            |mut caller: Caller<'_, Guest>, at: u32, length: u32| -> Result<u32> {
                let memory = memory(&mut caller)?;
                memory.data_mut(&mut caller)[at as usize..][..length as usize].fill(0);
                Ok(0)
            },
        )?;
        Ok(Meter { engine, linker, module })
    }

    /// The functions that the module asks its host for.
    pub fn imports(&self) -> impl Iterator<Item = String> {
        let imports = self.module.imports();
        imports.map(|import| format!("{}.{}", import.module(), import.name()))
    }

    /// Calls a waPC function in its own instance.
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Cost> {
        let guest = Guest {
            function: function.into(),
            payload: payload.into(),
            answer: Vec::new(),
            limits: StoreLimitsBuilder::new()
                .memory_size(MAX_MEMORY)
                .trap_on_grow_failure(true)
                .build(),
        };
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_fuel(MAX_INSTRUCTIONS)?;
        let instance = self.linker.instantiate(&mut store, &self.module)?;
        for start in ["_start", "_initialize", "wapc_init"] {
            if let Ok(start) = instance.get_typed_func::<(), ()>(&mut store, start) {
                start.call(&mut store, ())?;
            }
        }
        let lengths = (u32::try_from(function.len())?, u32::try_from(payload.len())?);
        let succeeded = instance
            .get_typed_func::<(u32, u32), u32>(&mut store, "__guest_call")?
            .call(&mut store, lengths)?;
        if succeeded != 1 {
            let error = std::mem::take(&mut store.data_mut().answer);
            return Err(Error::msg(String::from_utf8_lossy(&error).into_owned()));
        }
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| Error::msg("the module exports no memory"))?;
        Ok(Cost {
            instructions: MAX_INSTRUCTIONS - store.get_fuel()?,
            memory: memory.data_size(&store),
            answer: std::mem::take(&mut store.data_mut().answer),
        })
    }
}

fn memory(caller: &mut Caller<'_, Guest>) -> Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(Error::msg("the module exports no memory")),
    }
}
