//! An image as an OCI image layout: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use flate2::{Compression, GzBuilder};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::trust_image::{at, layer};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// What the image says of its making.
const CREATED_BY: &str = "http-proxy trust-image";

/// The file that makes a folder a layout.
const MARK: &str = "oci-layout";

/// The file that names the manifest.
const INDEX: &str = "index.json";

/// A layout with one image, which has one layer.
pub struct Layout {
    /// Contents by their digests.
    blobs: BTreeMap<String, Vec<u8>>,
    index: Value,
}

impl Layout {
    /// Makes the image of a layer's tar archive.
    ///
    /// # Errors
    /// The archive cannot be compressed.
    pub fn of_layer(tar: &[u8]) -> Result<Self> {
        let mut layout = Layout {
            blobs: BTreeMap::new(),
            index: Value::Null,
        };
        // Registries and their clients store layers compressed, and would compress one that is not, each in its own way. The operating
        // system in the header is the one that gzip calls unknown, wherever this runs.
        let mut gzip = GzBuilder::new()
            .operating_system(255)
            .write(Vec::new(), Compression::best());
        gzip.write_all(tar)?;
        let layer = layout.add(LAYER, gzip.finish()?);
        // Nothing in the image runs, so it is for every processor; the format wants a name all the same. Keys are in alphabetical
        // order, in which serde_json writes them whether or not it is built to keep their order: the digest depends on it.
        let config = json!({
            "architecture": "amd64",
            "config": {},
            "history": [{"created_by": CREATED_BY}],
            "os": "linux",
            "rootfs": {"diff_ids": [sha256(tar)], "type": "layers"},
        });
        let config = layout.add(CONFIG, config.to_string().into_bytes());
        let manifest = json!({"config": config, "layers": [layer], "mediaType": MANIFEST, "schemaVersion": 2});
        let manifest = layout.add(MANIFEST, manifest.to_string().into_bytes());
        layout.index = json!({
            "manifests": [manifest],
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "schemaVersion": 2,
        });
        Ok(layout)
    }

    /// Adds a content. The result is its descriptor.
    fn add(&mut self, media_type: &str, content: Vec<u8>) -> Value {
        let digest = sha256(&content);
        let descriptor = json!({"digest": digest, "mediaType": media_type, "size": content.len()});
        self.blobs.insert(digest, content);
        descriptor
    }

    /// The digest of the image.
    pub fn digest(&self) -> &str {
        self.index["manifests"][0]["digest"].as_str().unwrap_or_default()
    }

    /// The files, sorted by name.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let blobs = self.blobs.iter();
        let mut files: Vec<_> = blobs
            .map(|(digest, content)| (blob_path(digest), content.clone()))
            .collect();
        files.push((INDEX.to_owned(), self.index.to_string().into_bytes()));
        files.push((MARK.to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()));
        files
    }

    /// Writes the layout into a folder that is new, empty, or holds the layout of an earlier run, which is replaced.
    ///
    /// # Errors
    /// The folder holds something else, such as the images of another program; or it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        at(folder, fs::create_dir_all(folder))?;
        let is_empty = at(folder, fs::read_dir(folder))?.next().is_none();
        if !is_empty && !is_own(folder) {
            bail!(
                "{}: has other files in it; pass a new folder with --out DIR",
                folder.display()
            );
        }
        let earlier = blobs_in(folder);
        for (name, content) in self.files() {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                at(parent, fs::create_dir_all(parent))?;
            }
            at(&path, fs::write(&path, content))?;
        }
        for digest in earlier.iter().filter(|digest| !self.blobs.contains_key(*digest)) {
            let path = folder.join(blob_path(digest));
            if path.is_file() {
                at(&path, fs::remove_file(&path))?;
            }
        }
        Ok(())
    }

    /// Writes the layout as a tar archive.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_archive(&self, file: &Path) -> Result<()> {
        at(file, fs::write(file, layer::tar(&self.files())?))
    }
}

/// Whether all that is in a folder is the layout of an earlier run, complete or not.
fn is_own(folder: &Path) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let is_known = |name: &std::ffi::OsStr| ["blobs", INDEX, MARK].iter().any(|known| name == *known);
    if !names.map(|entry| entry.file_name()).all(|name| is_known(&name)) {
        return false;
    }
    let read = |path: &str| -> Option<Value> { serde_json::from_slice(&fs::read(folder.join(path)).ok()?).ok() };
    let Some(index) = read(INDEX) else {
        // It is written after the blobs.
        return !folder.join(INDEX).exists() && !folder.join(MARK).exists();
    };
    let descriptor = |value: &Value| value["digest"].as_str().map(blob_path);
    let manifest = descriptor(&index["manifests"][0]).and_then(|path| read(&path));
    let config = manifest.and_then(|manifest| read(&descriptor(&manifest["config"])?));
    let is_one = index["manifests"]
        .as_array()
        .is_some_and(|manifests| manifests.len() == 1);
    is_one && config.is_some_and(|config| config["history"][0]["created_by"] == CREATED_BY)
}

/// The digests of the image that a folder holds already; none if it holds no image with one manifest.
fn blobs_in(folder: &Path) -> Vec<String> {
    let read = |path: String| -> Value {
        let text = fs::read(folder.join(path)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    };
    let digest = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str()?;
        let is_hash = |hex: &str| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        digest
            .strip_prefix("sha256:")
            .is_some_and(is_hash)
            .then(|| digest.to_owned())
    };
    let Some(manifest) = digest(&read(INDEX.to_owned())["manifests"][0]) else {
        return Vec::new();
    };
    let content = read(blob_path(&manifest));
    let layers = content["layers"].as_array().into_iter().flatten().filter_map(digest);
    let config = digest(&content["config"]);
    layers.chain(config).chain([manifest]).collect()
}

/// Where a content is, by its digest.
fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn sha256(content: &[u8]) -> String {
    let hex: String = digest(&SHA256, content)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}
