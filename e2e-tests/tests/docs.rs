//! What the pages say holds: their YAML, their links, their headings.

use std::fs;
use std::path::{Path, PathBuf};

use e2e_tests::both;
use e2e_tests::manifests::Manifest;
use e2e_tests::markdown::{self, Block};
use http_proxy_policy::policy::FIELDS;
use serde_json::Value;
use testkit::files::find;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All pages, and what is in them.
fn pages() -> Vec<(PathBuf, String)> {
    let mut files = find(&project().join("docs"), &["md"]);
    files.extend(find(&project().join("examples"), &["md"]));
    files.extend(find(&project().join("charts"), &["md"]));
    for page in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        files.push(project().join(page));
    }
    let read = |file: PathBuf| (file.clone(), fs::read_to_string(file).unwrap());
    files.into_iter().map(read).collect()
}

/// A `yaml` block is a manifest, `settings: …`, or settings; YAML for other programs is `yml`. A `text` block right after it
/// is what the policy finds wrong with them. A text that ends in `…` stands for the certificates in `examples/aks-proxy-config-with-ca.json`.
#[test]
fn every_policy_on_a_page_is_valid_or_has_the_fault_that_the_page_names() {
    let mut policies = 0;
    let mut wrong = Vec::new();
    for (file, page) in pages() {
        let blocks = markdown::blocks(&page);
        for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "yaml") {
            let place = format!("{}:{}", file.display(), block.line);
            let fault = blocks
                .get(index + 1)
                .filter(|next| next.follows_block && next.language == "text")
                .map(|next| next.text.trim_end().to_owned());
            for settings in settings(block).unwrap_or_else(|fault| panic!("{place}: {fault}")) {
                let found = both::validate_settings(&settings).message;
                if found != fault {
                    wrong.push(format!("{place}: {found:?}"));
                }
                policies += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(policies > FIELDS.len(), "{policies}");
}

fn settings(block: &Block) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for document in documents::values(documents::parse(&block.text).map_err(|error| error.to_string())?) {
        let mut settings = if document.get("kind").is_some() {
            match Manifest::read(&document)?.policy() {
                Some(policy) => policy.settings.clone(),
                None => continue,
            }
        } else {
            document.get("settings").unwrap_or(&document).clone()
        };
        put_in_certificates(&mut settings);
        found.push(settings);
    }
    Ok(found)
}

fn put_in_certificates(value: &mut Value) {
    match value {
        Value::String(text) if text.ends_with('…') => {
            let example = project().join("examples/aks-proxy-config-with-ca.json");
            *value = documents::read(example.to_str().unwrap()).unwrap()[0].value["trustedCa"].clone();
        }
        Value::Array(items) => items.iter_mut().for_each(put_in_certificates),
        Value::Object(members) => members.values_mut().for_each(put_in_certificates),
        _ => {}
    }
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    let mut links = 0;
    for (file, page) in pages() {
        for link in markdown::links(&page) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                file.clone()
            } else {
                file.parent().unwrap().join(path)
            };
            assert!(target.exists(), "{}: {link}", file.display());
            if !anchor.is_empty() {
                let anchors = markdown::anchors(&fs::read_to_string(target).unwrap());
                assert!(
                    anchors.iter().any(|known| known == anchor),
                    "{}: {link}",
                    file.display()
                );
            }
            links += 1;
        }
    }
    assert!(links > 0);
}

#[test]
fn the_index_leads_to_every_page() {
    let index = project().join("docs/README.md");
    let page = fs::read_to_string(&index).unwrap();
    let reached: Vec<PathBuf> = markdown::links(&page)
        .into_iter()
        .filter(|link| !link.contains("://"))
        .map(|link| project().join("docs").join(link).canonicalize().unwrap())
        .collect();
    for path in find(&project().join("docs"), &["md"]) {
        let path = path.canonicalize().unwrap();
        assert!(
            path == index.canonicalize().unwrap() || reached.contains(&path),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_page_leads_back_to_its_index() {
    let pages = [("docs", "docs/README.md"), ("examples", "examples/README.md")];
    for (folder, index) in pages.map(|(folder, index)| (project().join(folder), project().join(index))) {
        let index = index.canonicalize().unwrap();
        for page in find(&folder, &["md"])
            .into_iter()
            .filter(|page| page.canonicalize().unwrap() != index)
        {
            let text = fs::read_to_string(&page).unwrap();
            let leads = |link: &&str| {
                page.parent()
                    .unwrap()
                    .join(link)
                    .canonicalize()
                    .is_ok_and(|target| target == index)
            };
            assert!(markdown::links(&text).iter().any(leads), "{}", page.display());
        }
    }
}

/// Wherever system namespaces are excluded, the list begins with those that the chart excludes.
#[test]
fn the_excluded_namespaces_are_the_same_everywhere() {
    let values = documents::read(project().join("charts/http-proxy-policy/values.yaml").to_str().unwrap()).unwrap();
    let excluded: Vec<&str> = values[0].value["namespaces"]["excluded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let mut lists = 0;
    let manifests = ["docs", "examples"]
        .iter()
        .flat_map(|folder| find(&project().join(folder), &["md", "yaml"]));
    for file in manifests.chain([project().join("README.md")]) {
        let text = fs::read_to_string(&file).unwrap();
        for selector in text
            .split("kubernetes.io/metadata.name")
            .skip(1)
            .filter(|selector| selector.contains("kube-public"))
        {
            let list = selector.split(['}', '#']).next().unwrap();
            for name in &excluded {
                assert!(list.contains(name), "{}: {name}", file.display());
            }
            lists += 1;
        }
    }
    assert!(lists > 8, "{lists}");
}

#[test]
fn every_field_of_the_settings_has_a_section_with_type_default_example_and_error() {
    let page = fs::read_to_string(project().join("docs/settings.md")).unwrap();
    let mut sections: Vec<(&str, &str)> = page
        .split("\n## `")
        .skip(1)
        .map(|section| section.split_once('`').unwrap())
        .collect();
    for (field, section) in &mut sections {
        *section = section.split_once("\n## ").map_or(*section, |(section, _)| section);
        assert!(section.contains("**Type**"), "{field} has no type");
        assert!(section.contains("**Default**"), "{field} has no default");
        let blocks = markdown::blocks(section);
        let shown = |block: &Block| block.language == "yaml" && block.text.contains(&format!("{field}:"));
        assert!(blocks.iter().any(shown), "{field} has no example");
        let error = |pair: &[Block]| shown(&pair[0]) && pair[1].language == "text" && pair[1].follows_block;
        assert!(blocks.windows(2).any(error), "{field} has no error");
    }
    let mut documented: Vec<&str> = sections.into_iter().map(|(field, _)| field).collect();
    let mut fields = FIELDS.to_vec();
    documented.sort();
    fields.sort();
    assert_eq!(documented, fields);
}

/// A cell names files, and after each the tests in it: functions, targets of the Makefile, tests in bats and JavaScript by their
/// sentences, scenarios by what their comments say.
#[test]
fn every_promise_names_tests_that_are_there() {
    let page = fs::read_to_string(project().join("docs/development/guarantees.md")).unwrap();
    let promises = markdown::table(&page, "Guarantees");
    assert!(!promises.is_empty());
    for row in promises {
        let [promise, shown_by] = row[..] else {
            panic!("{row:?}");
        };
        let tests = named_tests(shown_by).unwrap_or_else(|fault| panic!("{promise}: {fault}"));
        assert!(tests > 0, "{promise}: nothing shows it");
    }
}

/// How many tests a cell names, all of which are there.
fn named_tests(shown_by: &str) -> Result<usize, String> {
    let (mut file, mut text, mut tests) = ("", String::new(), 0);
    for code in shown_by
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| !code.starts_with("make "))
    {
        if code == "Makefile" || project().join(code).is_file() {
            file = code;
            text = fs::read_to_string(project().join(file)).map_err(|error| format!("{file}: {error}"))?;
            continue;
        }
        let written = match file.rsplit(['.', '/']).next() {
            Some("rs") => format!("fn {code}("),
            Some("bats") => format!("@test \"{code}\""),
            Some("mjs") => format!("test(\"{code}\""),
            Some("yaml") => format!("# {code}"),
            Some("Makefile") => format!("\n{code}:"),
            _ => return Err(format!("{code} is no file")),
        };
        if !text.contains(&written) {
            return Err(format!("{file} has no {code}"));
        }
        tests += 1;
    }
    Ok(tests)
}

/// The crates from the registry in the manifests of what the module is built from, its own parts left out.
#[test]
fn each_dependency_of_the_module_is_on_the_page_on_the_architecture_with_its_reason() {
    let page = fs::read_to_string(project().join("docs/development/architecture.md")).unwrap();
    let rows = markdown::table(&page, "What the module is built from");
    let documented: Vec<String> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let mut dependencies = Vec::new();
    for manifest in ["Cargo.toml", "crates/json/Cargo.toml", "crates/values/Cargo.toml"] {
        let manifest = fs::read_to_string(project().join(manifest)).unwrap();
        let mut is_dependency = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                is_dependency = line == "[dependencies]" || line.contains("wasm") && line.ends_with(".dependencies]");
            } else if is_dependency && !line.starts_with('#') && !line.contains("path = ") && !line.is_empty() {
                dependencies.push(line.split(['.', ' ']).next().unwrap().to_owned());
            }
        }
    }
    dependencies.sort();
    dependencies.dedup();
    assert_eq!(documented, dependencies);
}
