//! The project's name, version and URLs stand in `policy-metadata.yml`: what else says them says the same.

use std::path::{Path, PathBuf};

use e2e_tests::artifact_hub::{Metadata, package, repository};
use e2e_tests::chart;
use serde_json::json;
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
fn the_chart_and_the_schemas_are_those_that_their_sources_make() {
    for (file, made) in chart::files().unwrap() {
        assert!(
            read(project_file(&file)) == made,
            "{file} is out of date; run make chart"
        );
    }
}

#[test]
fn the_policy_and_the_companion_have_the_version_of_the_metadata() {
    let metadata = Metadata::read().unwrap();
    let version = metadata.annotation("io.kubewarden.policy.version").unwrap();
    for file in ["Cargo.toml", "crates/cli/Cargo.toml"] {
        let manifest = read(project_file(file));
        let (_, package) = manifest.split_once("[package]").unwrap();
        assert!(
            package.contains(&format!("\nversion = \"{version}\"\n")),
            "{file}: {version}"
        );
    }
}

#[test]
fn the_chart_installs_the_published_module() {
    let values = documents::read(project_file("charts/http-proxy-policy/values.yaml").to_str().unwrap());
    let values = values.unwrap().remove(0).value;
    let module = &values["module"];
    let registry = &values["global"]["cattle"]["systemDefaultRegistry"];
    let expected = chart::module(&Metadata::read().unwrap()).unwrap();
    assert_eq!(json!([registry, module["repository"], module["tag"]]), json!(expected));
}

#[test]
fn the_metadata_say_that_the_module_needs_nothing_of_the_host() {
    let metadata = documents::read(project_file("policy-metadata.yml").to_str().unwrap());
    let metadata = metadata.unwrap().remove(0).value;
    assert_eq!(metadata["hostCapabilities"], json!([]));
    assert_eq!(metadata["contextAwareResources"], json!([]));
}

#[test]
fn what_users_read_names_the_published_module_and_the_project_as_the_metadata_do() {
    let metadata = Metadata::read().unwrap();
    let module = metadata.module().unwrap();
    let chart = chart::reference(&metadata).unwrap();
    let chart_of_version = format!(
        "{chart}:{}",
        metadata.annotation("io.kubewarden.policy.version").unwrap()
    );
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
        // Regular expressions escape dots.
        for word in read(&file)
            .replace('\\', "")
            .split(|c: char| c.is_whitespace() || "\"'`()<>[],;*|=^".contains(c))
        {
            let Some((_, rest)) = word.rsplit_once(&name) else {
                continue;
            };
            let reference = word.strip_prefix("registry://").unwrap_or(word);
            let as_the_metadata_say = if rest.starts_with(":v") {
                modules += 1;
                reference.strip_prefix("oci://").unwrap_or(reference) == module
            } else {
                // Folders and images of the same name belong to nobody.
                let known = [&playground, &chart, &chart_of_version].contains(&&reference.to_owned());
                !reference.contains("://") || reference.starts_with(url) || known
            };
            assert!(as_the_metadata_say, "{}: {word}", file.display());
        }
    }
    assert!(modules > 0);
}

#[test]
fn the_release_has_every_file_that_the_page_on_verification_lists() {
    let [page, release, binaries] = [
        "docs/verify.md",
        ".github/workflows/release.yml",
        ".github/workflows/binaries.yml",
    ]
    .map(|file| read(project_file(file)));
    let (_, table) = page.split_once("\n| file | what it is |\n").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let mut files = 0;
    for row in table.lines().skip(1) {
        let cell = row.split('|').nth(1).unwrap();
        for file in cell.split('`').skip(1).step_by(2).filter(|file| !file.starts_with('*')) {
            // The chart's file has its version in its name, and the companion's the system that it is for.
            let name = file.split("-0.").next().unwrap();
            let system = name
                .strip_prefix("http-proxy-")
                .map(|system| system.trim_end_matches(".exe"));
            let is_built = release.contains(name) || system.is_some_and(|system| binaries.contains(system));
            assert!(is_built, "{file}");
            files += 1;
        }
    }
    assert!(files > 10, "{files}");
}

/// The texts and manifests at the root, below `docs/`, below `examples/` and of the chart.
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
    collect(&project_file(chart::FOLDER), false, &mut found);
    found
}
