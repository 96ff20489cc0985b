//! The compiled policy in an interpreter: slower than a policy server's engine, and built in a fraction of the time.

use anyhow::{Context, Result, anyhow};
use explain::answer::Policy;
use wasmi::{Caller, Engine, Extern, ExternType, Func, Linker, Memory, Store, Val};

/// The module, ready to be called. Every call gets its own instance, as in a policy server.
pub struct Module {
    module: wasmi::Module,
}

/// What one call takes and gives.
#[derive(Default)]
struct Guest {
    function: Vec<u8>,
    payload: Vec<u8>,
    answer: Vec<u8>,
}

impl Module {
    /// Reads a module from a file.
    ///
    /// # Errors
    /// It cannot be read, or is no WebAssembly module.
    pub fn load(path: &str) -> Result<Self> {
        let wasm =
            std::fs::read(path).with_context(|| format!("{path}: cannot be read; make policy.wasm builds it"))?;
        let module = wasmi::Module::new(&Engine::default(), wasm).with_context(|| path.to_owned())?;
        Ok(Module { module })
    }

    /// Calls a function of the waPC protocol: <https://wapc.io/docs/spec/>.
    fn call(&self, function: &str, payload: &[u8]) -> Result<Vec<u8>> {
        let engine = self.module.engine();
        let guest = Guest {
            function: function.into(),
            payload: payload.into(),
            ..Guest::default()
        };
        let mut store = Store::new(engine, guest);
        let linker = linker(&mut store, &self.module)?;
        let instance = linker.instantiate_and_start(&mut store, &self.module)?;
        for start in ["_initialize", "wapc_init"] {
            if let Ok(start) = instance.get_typed_func::<(), ()>(&store, start) {
                start.call(&mut store, ())?;
            }
        }
        let lengths = (u32::try_from(function.len())?, u32::try_from(payload.len())?);
        let call = instance.get_typed_func::<(u32, u32), u32>(&store, "__guest_call")?;
        let succeeded = call.call(&mut store, lengths)?;
        let answer = std::mem::take(&mut store.data_mut().answer);
        if succeeded == 1 {
            Ok(answer)
        } else {
            Err(anyhow!("the module: {}", String::from_utf8_lossy(&answer)))
        }
    }
}

impl Policy for Module {
    fn validate(&self, payload: &[u8]) -> Result<Vec<u8>> {
        self.call("validate", payload)
    }

    fn is_compared(&self) -> bool {
        true
    }
}

/// The functions that the module may call. Those of WASI do nothing: it asks for random numbers only, which seed hash maps.
fn linker(store: &mut Store<Guest>, module: &wasmi::Module) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(module.engine());
    linker.func_wrap(
        "wapc",
        "__guest_request",
        |mut caller: Caller<'_, Guest>, function: u32, payload: u32| {
            let memory = memory(&mut caller)?;
            let (bytes, guest) = memory.data_and_store_mut(&mut caller);
            for (at, content) in [(function, &guest.function), (payload, &guest.payload)] {
                write(bytes, at, content)?;
            }
            Ok::<(), wasmi::Error>(())
        },
    )?;
    for respond in ["__guest_response", "__guest_error"] {
        linker.func_wrap(
            "wapc",
            respond,
            |mut caller: Caller<'_, Guest>, at: u32, length: u32| {
                let memory = memory(&mut caller)?;
                let (bytes, guest) = memory.data_and_store_mut(&mut caller);
                let start = at as usize;
                let answer = bytes.get(start..start + length as usize).ok_or_else(outside)?;
                guest.answer = answer.to_vec();
                Ok::<(), wasmi::Error>(())
            },
        )?;
    }
    for import in module.imports() {
        if let ExternType::Func(signature) = import.ty()
            && import.module() != "wapc"
        {
            let nothing = Func::new(&mut *store, signature.clone(), |_, _, results| {
                results
                    .iter_mut()
                    .for_each(|result| *result = Val::default_for_ty(result.ty()));
                Ok(())
            });
            linker.define(import.module(), import.name(), nothing)?;
        }
    }
    Ok(linker)
}

fn memory(caller: &mut Caller<'_, Guest>) -> Result<Memory, wasmi::Error> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(wasmi::Error::new("the module exports no memory")),
    }
}

fn write(bytes: &mut [u8], at: u32, content: &[u8]) -> Result<(), wasmi::Error> {
    let at = at as usize;
    bytes
        .get_mut(at..at + content.len())
        .ok_or_else(outside)?
        .copy_from_slice(content);
    Ok(())
}

fn outside() -> wasmi::Error {
    wasmi::Error::new("the module passes a place outside of its memory")
}
