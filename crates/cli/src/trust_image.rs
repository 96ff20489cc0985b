//! `http-proxy trust-image`: an OCI image that holds the certificate authorities which pods are to trust, for `trustedCaFrom.image`.

mod authorities;
mod layer;
mod layout;
mod roots;
mod trust_store;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::args;
use crate::console;
use crate::trust_image::authorities::Authorities;
use crate::trust_image::layout::Layout;
pub use crate::trust_image::roots::{VERSION, built_in as public_roots};

/// The name of the bundle in the image. The policy's variables point to it.
const BUNDLE: &str = "ca.crt";

/// The name of the PKCS#12 store in the image. The policy's options for Java point to it.
const TRUST_STORE: &str = "truststore.p12";

pub fn run(args: &args::TrustImage) -> Result<ExitCode> {
    let (files, notes) = files(args, SystemTime::now().duration_since(UNIX_EPOCH)?)?;
    for note in notes {
        console::note(&note);
    }
    let layout = Layout::of_layer(&layer::tar(&files)?)?;
    match (&args.out, &args.archive) {
        (Some(folder), _) => layout.write(folder)?,
        (None, Some(archive)) => layout.write_archive(archive)?,
        (None, None) => bail!("nowhere to write to; pass a folder with --out DIR, or a file with --archive FILE"),
    }
    console::print(&format!("{}\n", layout.digest()))?;
    Ok(ExitCode::SUCCESS)
}

/// Contents by their names.
pub type Files = Vec<(String, Vec<u8>)>;

/// The files of the image, sorted by name: the bundle, each certificate under the name by which OpenSSL looks for it, and the store; and
/// what to say of them. `now` is counted from 1970.
///
/// # Errors
/// A file cannot be read, or has something other than certificates of authorities in it; or none of `--ca` is still valid.
pub fn files(args: &args::TrustImage, now: Duration) -> Result<(Files, Vec<String>)> {
    let (authorities, notes) = Authorities::read(args, now)?;
    let mut files = vec![
        (BUNDLE.to_owned(), authorities.pem.clone().into_bytes()),
        (
            TRUST_STORE.to_owned(),
            trust_store::pkcs12(authorities.der(), &args.password)?,
        ),
    ];
    let certificates = crate::pem::certificates(&authorities.pem);
    let names = authorities.hashed_names.iter();
    files.extend(
        names
            .zip(certificates)
            .map(|(name, pem)| (name.clone(), pem.as_bytes().to_vec())),
    );
    files.sort();
    Ok((files, notes))
}

/// Adds the path to an error.
fn at<T>(path: &Path, result: io::Result<T>) -> Result<T> {
    result.with_context(|| format!("{}: cannot be written", path.display()))
}
