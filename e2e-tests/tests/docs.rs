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
    for page in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        files.push(project().join(page));
    }
    let read = |file: PathBuf| (file.clone(), fs::read_to_string(file).unwrap());
    files.into_iter().map(read).collect()
}

/// A `yaml` block is a manifest, `settings: …`, or settings; YAML for other programs is `yml`. A `text` block right behind it
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
    for document in documents::parse(&block.text).map_err(|error| error.to_string())? {
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
            *value = documents::read(example.to_str().unwrap()).unwrap()[0]["trustedCa"].clone();
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
fn the_index_leads_to_every_page_and_every_example() {
    let index = project().join("docs/README.md");
    let page = fs::read_to_string(&index).unwrap();
    let reached: Vec<PathBuf> = markdown::links(&page)
        .into_iter()
        .filter(|link| !link.contains("://"))
        .map(|link| project().join("docs").join(link).canonicalize().unwrap())
        .collect();
    let pages = find(&project().join("docs"), &["md"]);
    let folders = fs::read_dir(project().join("examples")).unwrap();
    let examples = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    for path in pages.into_iter().chain(examples.map(|folder| folder.join("README.md"))) {
        let path = path
            .canonicalize()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            path == index.canonicalize().unwrap() || reached.contains(&path),
            "{}",
            path.display()
        );
    }
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

/// A cell names files, and behind each the tests in it: functions, targets of the Makefile, tests in bats and JavaScript by their
/// sentences, scenarios by what their comments say.
#[test]
fn every_promise_names_tests_that_are_there() {
    for (page, heading) in [("development/guarantees.md", "Guarantees"), ("security.md", "Promises")] {
        let text = fs::read_to_string(project().join("docs").join(page)).unwrap();
        let promises = markdown::table(&text, heading);
        assert!(!promises.is_empty(), "{page}");
        for row in promises {
            let [promise, shown_by] = row[..] else {
                panic!("{row:?}");
            };
            let tests = named_tests(shown_by).unwrap_or_else(|fault| panic!("{page}: {promise}: {fault}"));
            assert!(tests > 0, "{page}: {promise}: nothing shows it");
        }
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
