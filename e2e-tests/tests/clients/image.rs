//! What the test puts into a container's file system: the image's own roots, and the pod's volume.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use http_proxy::args::TrustImage;
use serde_json::Value;

use crate::client::built;
use crate::sandbox;

/// How an image stores its roots.
#[derive(Clone, Copy)]
pub enum Roots {
    /// As Debian does: a directory with subject-hash names, and a bundle in it.
    HashedDirectory,
    /// As Red Hat's images do: a bundle, which is OpenSSL's default file, in a directory without hash names.
    Bundle,
}

const STORE: &str = "/etc/ssl/certs";
const OPENSSL: &str = "/usr/lib/ssl";

/// Makes the directories writable; once for a sandbox.
pub fn set_up() -> Result<()> {
    sandbox::cover(OPENSSL)
}

/// Puts the image's root instead of all that the machine trusts.
pub fn store(roots: Roots, root: &Path) -> Result<()> {
    std::fs::remove_dir_all(STORE)?;
    std::fs::create_dir(STORE)?;
    let bundle = Path::new(STORE).join("ca-certificates.crt");
    std::fs::copy(root, &bundle)?;
    let default_file = Path::new(OPENSSL).join("cert.pem");
    if default_file.symlink_metadata().is_ok() {
        std::fs::remove_file(&default_file)?;
    }
    match roots {
        Roots::HashedDirectory => {
            std::fs::copy(root, Path::new(STORE).join("root.pem"))?;
            sandbox::execute(Command::new("openssl").args(["rehash", STORE]))?;
        }
        Roots::Bundle => symlink(&bundle, default_file)?,
    }
    // Where Debian's Java looks.
    let java = Path::new(STORE).join("java");
    std::fs::create_dir(&java)?;
    symlink(java_store(), java.join("cacerts"))?;
    Ok(())
}

/// Puts the image's root instead of what the certifi package brings, which requests and httpx trust.
pub fn bundle_of_certifi(root: &Path) -> Result<()> {
    let python = built().join("python/bin/python");
    let output = Command::new(python)
        .args(["-c", "import certifi; print(certifi.where())"])
        .output()?;
    let bundle = String::from_utf8(output.stdout)?;
    sandbox::execute(Command::new("mount").arg("--bind").arg(root).arg(bundle.trim()))
}

/// Makes the store of the image's root that Java reads; once for a sandbox.
pub fn store_for_java(root: &Path) -> Result<()> {
    let mut keytool = Command::new("/usr/bin/keytool");
    // Java opens it without the password, which the other type, PKCS12, does not allow.
    keytool.args([
        "-importcert",
        "-noprompt",
        "-storetype",
        "JKS",
        "-storepass",
        "changeit",
    ]);
    sandbox::execute(keytool.arg("-file").arg(root).arg("-keystore").arg(java_store()))
}

fn java_store() -> PathBuf {
    sandbox::directory().join("cacerts")
}

/// Lays out the volumes that the container mounts, as the kubelet does: the files in a directory with a time for a
/// name, behind links that let it replace all of them at once; those of an image as they are in it. `config_map` is the value of a
/// key of a ConfigMap, `image` a directory with the files of a trust image, where the pod has one.
pub fn mount_volumes(pod: &Value, config_map: &ConfigMap, image: Option<&Path>) -> Result<()> {
    let empty = Vec::new();
    let mounts = pod["spec"]["containers"][0]["volumeMounts"]
        .as_array()
        .unwrap_or(&empty);
    for mount in mounts {
        let volume = pod["spec"]["volumes"].as_array().into_iter().flatten();
        let volume = volume
            .clone()
            .find(|volume| volume["name"] == mount["name"])
            .with_context(|| format!("no volume for {mount}"))?;
        ensure!(mount["readOnly"] == true, "{mount} is not read-only");
        let path = Path::new(mount["mountPath"].as_str().context("no mountPath")?);
        if path.exists() {
            std::fs::remove_dir_all(path)?;
        }
        if volume["image"].is_object() {
            let image = image.context("no image")?;
            std::fs::create_dir_all(path.parent().context("a mount at /")?)?;
            sandbox::execute(Command::new("cp").arg("--recursive").arg(image).arg(path))?;
            continue;
        }
        let data = path.join("..2026_01_01_00_00_00.000000001");
        std::fs::create_dir_all(&data)?;
        symlink(data.file_name().unwrap_or_default(), path.join("..data"))?;
        for (name, content) in files(pod, volume, config_map)? {
            std::fs::write(data.join(&name), content)?;
            symlink(Path::new("..data").join(&name), path.join(&name))?;
        }
    }
    Ok(())
}

/// Makes an image with `http-proxy trust-image`, and unpacks its layer.
pub fn trust_image(ca: &Path, roots: &Path) -> Result<PathBuf> {
    let layout = sandbox::directory().join("trust-image");
    http_proxy::trust_image::run(&TrustImage {
        ca: vec![ca.to_owned()],
        roots: Some(roots.to_owned()),
        out: Some(layout.clone()),
        archive: None,
        password: "changeit".to_owned(),
    })?;
    let descriptor = |file: PathBuf, pointer: &str| -> Result<PathBuf> {
        let document: Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let digest = document.pointer(pointer).and_then(Value::as_str).context("no digest")?;
        Ok(layout.join("blobs").join(digest.replace(':', "/")))
    };
    let manifest = descriptor(layout.join("index.json"), "/manifests/0/digest")?;
    let layer = descriptor(manifest, "/layers/0/digest")?;
    let files = sandbox::directory().join("trust-image-files");
    std::fs::create_dir(&files)?;
    sandbox::execute(Command::new("tar").arg("-xzf").arg(layer).arg("-C").arg(&files))?;
    Ok(files)
}

/// The value of a key of a ConfigMap: the ConfigMap's name, and the key.
pub type ConfigMap<'c> = dyn Fn(&str, &str) -> Option<Vec<u8>> + 'c;

fn files(pod: &Value, volume: &Value, config_map: &ConfigMap) -> Result<Vec<(String, Vec<u8>)>> {
    let source = if volume["configMap"].is_null() {
        &volume["downwardAPI"]
    } else {
        &volume["configMap"]
    };
    let items = source["items"]
        .as_array()
        .with_context(|| format!("no items: {volume}"))?;
    items
        .iter()
        .map(|item| {
            let content = match item["fieldRef"]["fieldPath"].as_str() {
                Some(field) => field
                    .strip_prefix("metadata.annotations['")
                    .and_then(|field| field.strip_suffix("']"))
                    .and_then(|annotation| pod["metadata"]["annotations"][annotation].as_str())
                    .map(|text| text.as_bytes().to_vec()),
                None => config_map(
                    source["name"].as_str().unwrap_or_default(),
                    item["key"].as_str().unwrap_or_default(),
                ),
            };
            let path = item["path"].as_str().context("an item without a path")?;
            Ok((
                path.to_owned(),
                content.with_context(|| format!("nothing to project: {item}"))?,
            ))
        })
        .collect()
}
