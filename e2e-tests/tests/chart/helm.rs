//! helm and kubectl, and what they make of the chart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use e2e_tests::chart::FOLDER;
use e2e_tests::manifests::Manifest;
use serde_json::Value;
use testkit::files::project_file;

pub const PROXY: &str = "http://proxy.example.com:3128/";

/// helm and kubectl, or nothing on a machine without them.
pub struct Tools(PathBuf);

impl Tools {
    pub fn find() -> Option<Self> {
        let folder = project_file("target/chart-tools");
        let there = folder.join("installed-package-lock.json").is_file();
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(there || !in_ci, "helm is missing, and CI leaves nothing out");
        if !there {
            eprintln!("Left out: helm is missing; e2e-tests/chart/install installs it.");
        }
        there.then_some(Tools(folder))
    }

    pub fn run(&self, tool: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.0.join(tool));
        let home = self.0.join("home");
        command.args(arguments).env("HOME", home).current_dir(project_file("."));
        command.output().unwrap()
    }

    /// helm with these values for the chart; the values come last.
    pub fn helm(&self, arguments: &[&str], values: &Value) -> Result<String, String> {
        let file = scratch("values.json");
        std::fs::write(&file, values.to_string()).unwrap();
        let output = self.run("helm", &[arguments, &["--values", file.to_str().unwrap()]].concat());
        let [said, complained] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        if output.status.success() {
            Ok(said)
        } else {
            Err(complained)
        }
    }

    /// What the chart makes of the values.
    pub fn template(&self, values: &Value) -> Result<String, String> {
        self.helm(&["template", "http-proxy", FOLDER, "--namespace", "http-proxy"], values)
    }

    /// The objects that the chart makes of the values, which have the schemas of their kinds.
    pub fn objects(&self, values: &Value) -> BTreeMap<String, Value> {
        let rendered = self
            .template(values)
            .unwrap_or_else(|error| panic!("{values}: {error}"));
        let objects = documents::values(documents::parse(&rendered).unwrap());
        for object in &objects {
            Manifest::read(object).unwrap_or_else(|fault| panic!("{fault}: {object}"));
        }
        by_name(objects)
    }
}

/// A file of this name that no other test uses.
pub fn scratch(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// The objects by kind and name.
pub fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let name = |object: &Value| {
        format!(
            "{}/{}",
            object["kind"].as_str().unwrap(),
            object["metadata"]["name"].as_str().unwrap()
        )
    };
    objects.into_iter().map(|object| (name(&object), object)).collect()
}

/// The object without what tells that it is Helm's.
pub fn without_labels(object: &Value) -> Value {
    let mut object = object.clone();
    let labels = object["metadata"].as_object_mut().unwrap().remove("labels").unwrap();
    assert_eq!(labels["app.kubernetes.io/managed-by"], "Helm");
    object
}

/// The manifests of a file of `examples/`.
pub fn example(file: &str) -> Vec<Value> {
    documents::values(documents::read(project_file("examples").join(file).to_str().unwrap()).unwrap())
}
