//! The project's name, version and URLs stand in `policy-metadata.yml`: what else says them says the same.

use std::path::{Path, PathBuf};

use e2e_tests::artifact_hub::{Metadata, package, repository};
use testkit::files::project_file;

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

#[test]
fn the_files_for_artifact_hub_are_those_that_the_metadata_and_the_questions_make() {
    let metadata = Metadata::read().unwrap();
    let questions = read(project_file("questions-ui.yml"));
    for (file, made) in [
        ("artifacthub-pkg.yml", package(&metadata, &questions).unwrap()),
        ("artifacthub-repo.yml", repository(&metadata).unwrap()),
    ] {
        assert!(
            read(project_file(file)) == made,
            "{file} is out of date; run make artifacthub"
        );
    }
}

#[test]
fn the_crate_has_the_version_of_the_metadata() {
    let metadata = Metadata::read().unwrap();
    let version = metadata.annotation("io.kubewarden.policy.version").unwrap();
    let manifest = read(project_file("Cargo.toml"));
    let (_, package) = manifest.split_once("[package]").unwrap();
    assert!(package.contains(&format!("\nversion = \"{version}\"\n")), "{version}");
}

#[test]
fn what_users_read_names_the_published_module_and_the_project_as_the_metadata_do() {
    let metadata = Metadata::read().unwrap();
    let module = metadata.module().unwrap();
    let url = metadata.annotation("io.kubewarden.policy.url").unwrap();
    let name = format!("/{}", metadata.annotation("io.kubewarden.policy.title").unwrap());
    let (owner, project) = url
        .strip_prefix("https://github.com/")
        .unwrap()
        .split_once('/')
        .unwrap();
    let playground = format!("https://{owner}.github.io/{project}/");
    let mut modules = 0;
    for file in documents() {
        for word in read(&file).split(|c: char| c.is_whitespace() || "\"'`()<>[],;*|".contains(c)) {
            let Some((_, rest)) = word.rsplit_once(&name) else {
                continue;
            };
            let reference = word.strip_prefix("registry://").unwrap_or(word);
            let as_the_metadata_say = if rest.starts_with(":v") {
                modules += 1;
                reference == module
            } else {
                // Folders and images of the same name belong to nobody.
                !reference.contains("://") || reference.starts_with(url) || reference == playground
            };
            assert!(as_the_metadata_say, "{}: {word}", file.display());
        }
    }
    assert!(modules > 0);
}

/// The texts and manifests at the root, below `docs/` and below `examples/`.
fn documents() -> Vec<PathBuf> {
    fn collect(folder: &Path, deep: bool, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() && deep => collect(&path, deep, found),
                Some("md" | "yaml" | "yml") => found.push(path),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(&project_file("."), false, &mut found);
    collect(&project_file("docs"), true, &mut found);
    collect(&project_file("examples"), true, &mut found);
    found
}
