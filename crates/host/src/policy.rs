//! Runs the compiled policy as a Kubewarden policy server does: compiled once, a fresh instance for every call.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use admission::{Answer, SettingsAnswer};
use anyhow::{Context, Error, Result};
use serde_json::Value;
use wapc::WapcHost;
use wasmtime::{Config, Engine, Strategy};
use wasmtime_provider::{EpochDeadlines, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use crate::engine;

/// The module to run: `policy.wasm` at the project's root, or what the environment variable `POLICY_WASM` names.
pub fn module_path() -> PathBuf {
    match std::env::var_os("POLICY_WASM") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy.wasm"),
    }
}

/// Reads the module.
pub fn module_bytes() -> Result<Vec<u8>> {
    let path = module_path();
    std::fs::read(&path).with_context(|| format!("{} cannot be read; make policy.wasm builds it", path.display()))
}

/// A policy ready to be called.
pub struct Policy {
    compiled: WasmtimeEngineProviderPre,
}

/// An answer's bytes, and how long it took.
pub struct Timed {
    pub bytes: Vec<u8>,
    /// Until the instance was there, its `wapc_init` included.
    pub instantiation: Duration,
    pub call: Duration,
}

impl Timed {
    pub fn total(&self) -> Duration {
        self.instantiation + self.call
    }
}

/// As in a policy server, which interrupts what takes longer than its time limit; here the clock stands still.
const DEADLINES: EpochDeadlines = EpochDeadlines {
    wapc_init: 1,
    wapc_func: 1,
};

impl Policy {
    /// The policy of [`module_path()`], compiled by Cranelift as in a policy server, from the cache of compiled modules if it is there.
    pub fn load() -> Result<Self> {
        Policy::build(&module_bytes()?, engine::cached(config(Strategy::Cranelift))?)
    }

    /// Compiles a module with Winch, in an eighth of Cranelift's time, to slower code, unless it is in the cache of compiled modules.
    /// Cranelift takes over where Winch cannot compile the module: on a processor without AVX, for example.
    pub fn compile_quickly(module: &[u8]) -> Result<Self> {
        let build = |strategy| engine::cached(config(strategy)).and_then(|engine| Policy::build(module, engine));
        build(Strategy::Winch).or_else(|_| build(Strategy::Cranelift))
    }

    /// Compiles a module, without the cache.
    pub fn compile(module: &[u8]) -> Result<Self> {
        Policy::build(module, Engine::new(&config(Strategy::Cranelift)).map_err(Error::msg)?)
    }

    fn build(module: &[u8], engine: Engine) -> Result<Self> {
        let compiled = WasmtimeEngineProviderBuilder::new()
            .engine(engine)
            .module_bytes(module)
            .build_pre()
            .context("the module does not compile")?;
        Ok(Policy { compiled })
    }

    /// Calls a waPC function in its own instance. A trap or an error of the guest is an error here.
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Timed> {
        let start = Instant::now();
        let instance = self.compiled.rehydrate(Some(DEADLINES))?;
        let host = WapcHost::new(Box::new(instance), Some(Box::new(refuse_host_calls)))?;
        let instantiation = start.elapsed();
        let bytes = host.call(function, payload)?;
        Ok(Timed {
            bytes,
            instantiation,
            call: start.elapsed() - instantiation,
        })
    }

    pub fn validate(&self, request: &Value, settings: &Value) -> Result<Answer> {
        let answer = self.call("validate", &admission::payload(request, settings))?;
        Ok(serde_json::from_slice(&answer.bytes)?)
    }

    pub fn validate_settings(&self, settings: &Value) -> Result<SettingsAnswer> {
        let answer = self.call("validate_settings", settings.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&answer.bytes)?)
    }
}

fn config(strategy: Strategy) -> Config {
    let mut config = Config::new();
    config.strategy(strategy).epoch_interruption(true);
    config
}

/// The policy asks its host for nothing.
fn refuse_host_calls(
    _id: u64,
    binding: &str,
    namespace: &str,
    operation: &str,
    _payload: &[u8],
) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    Err(format!("unexpected host call {binding}/{namespace}/{operation}").into())
}
