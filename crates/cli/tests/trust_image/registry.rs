//! A registry keeps the image as it is.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{has, made, run, unpacked};

/// Debian's registry, which ends with this value.
struct Registry(Child);

impl Registry {
    /// Starts it on a port of loopback.
    fn start(folder: &Path, port: u16) -> Self {
        let config = folder.join("registry.yaml");
        let storage = folder.join("storage");
        fs::write(
            &config,
            format!(
                "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"127.0.0.1:{port}\"}}\n",
                storage.display()
            ),
        )
        .unwrap();
        let mut command = Command::new("docker-registry");
        command
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let registry = Registry(command.spawn().unwrap());
        for _ in 0..300 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return registry;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the registry does not listen");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn skopeo_pushes_the_image_and_pulls_it_with_its_digest_and_files() {
    if !has(&["docker-registry", "skopeo", "tar"]) {
        return;
    }
    let (image, _) = made("registry", &["--ca", "root.pem"]);
    let files = unpacked(&image);
    let index: Value = serde_json::from_slice(&fs::read(image.join("index.json")).unwrap()).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap();
    let folder = image.parent().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _registry = Registry::start(folder, port);
    let name = format!("docker://127.0.0.1:{port}/trust/ca");
    let insecure = [
        "--insecure-policy",
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
    ];
    let copy = |from: &str, to: &str| run(Command::new("skopeo").args(insecure).args([from, to]));
    copy(&format!("oci:{}", image.display()), &format!("{name}:1"));
    // By its digest, as the settings may name it.
    let pulled = folder.join("pulled");
    fs::create_dir(&pulled).unwrap();
    let pulled_image = pulled.join("image");
    copy(&format!("{name}@{digest}"), &format!("oci:{}", pulled_image.display()));
    let files_again = unpacked(&pulled_image);
    assert_eq!(run(Command::new("diff").arg("-r").arg(&files).arg(&files_again)), "");
    // Everyone may read the files.
    let long = run(Command::new("find")
        .arg(&files_again)
        .args(["-type", "f", "!", "-perm", "0644"]));
    assert_eq!(long, "");
}
