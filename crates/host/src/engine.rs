//! The engine, with a cache of compiled modules.

use std::path::Path;

use anyhow::{Error, Result};
use wasmtime::{Cache, CacheConfig, Config, Engine};

/// An engine that keeps what it compiled in `target/compiled-modules`. wasmtime finds it there by the module's content, the
/// engine's version and its configuration, so an outdated one is never used.
pub fn cached(mut config: Config) -> Result<Engine> {
    let mut cache = CacheConfig::new();
    cache.with_directory(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/compiled-modules"));
    // Where nothing can be written, modules are compiled each time.
    config.cache(Cache::new(cache).ok());
    Engine::new(&config).map_err(Error::msg)
}
