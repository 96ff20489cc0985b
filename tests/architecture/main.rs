//! The folders of `src/` are wings that import one way only. `make lint` runs this.
//!
//! Read is every `use`, and every other path from `crate` or `super` on. Comments and tests (`mod tests`) are omitted. `sizes` checks
//! how long files and functions are.

mod imports;
mod sizes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use testkit::files::{find, project_file};

use crate::imports::Modules;

/// The wings from the bottom to the top. What stands on one level does not import each other.
const LEVELS: [&[&str]; 5] = [
    &["kubernetes"],
    &["settings"],
    &["pod_options"],
    &["injection"],
    // The files at the top level of src/. They may import each other, but not in a circle.
    TOP,
];
const TOP: &[&str] = &[
    "companion",
    "explanation",
    "guest",
    "lib",
    "payload",
    "policy",
    "response",
];

/// What is wrong with the imports between these modules.
fn faults(modules: &Modules) -> Vec<String> {
    let mut faults = Vec::new();
    // The imports between the children of each module.
    let mut between: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (importing, imported) in modules.imports() {
        let common = importing.iter().zip(&imported).take_while(|(a, b)| a == b).count();
        if let (Some(from), Some(to)) = (importing.get(common), imported.get(common)) {
            let siblings = between.entry(importing[..common].to_vec()).or_default();
            siblings.entry(from.clone()).or_default().insert(to.clone());
        }
    }
    for wing in modules.top_level() {
        if level(&wing).is_none() {
            faults.push(format!("{wing}: not a wing; add it to LEVELS"));
        }
    }
    for (from, to) in between.get(&Vec::new()).into_iter().flatten() {
        for to in to.iter().filter(|to| !may_import(from, to)) {
            faults.push(format!("{from} imports {to}, which is not below it"));
        }
    }
    for (parent, siblings) in &between {
        if let Some(circle) = circle(siblings) {
            faults.push(format!(
                "{}: imports in a circle: {}",
                parent.join("::"),
                circle.join(" → ")
            ));
        }
    }
    faults
}

fn level(wing: &str) -> Option<usize> {
    LEVELS.iter().position(|wings| wings.contains(&wing))
}

fn may_import(from: &str, to: &str) -> bool {
    (TOP.contains(&from) && TOP.contains(&to)) || level(from) > level(to)
}

/// Modules of which each imports the next one, and the last one the first.
fn circle(imports: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        imports: &BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        if let Some(start) = path.iter().position(|module| module == at) {
            path.drain(..start);
            return true;
        }
        if !done.insert(at.to_owned()) {
            return false;
        }
        path.push(at.to_owned());
        if imports
            .get(at)
            .into_iter()
            .flatten()
            .any(|next| walk(next, imports, path, done))
        {
            return true;
        }
        path.pop();
        false
    }
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| {
        let mut path = Vec::new();
        walk(module, imports, &mut path, &mut done).then_some(path)
    })
}

#[test]
fn the_wings_import_one_way_only() {
    let sources = project_file("src");
    let files = find(&sources, &["rs"]).into_iter().map(|file| {
        let path = file.strip_prefix(&sources).unwrap().to_str().unwrap().to_owned();
        (path, fs::read_to_string(&file).unwrap())
    });
    let modules = Modules::read(files);
    assert!(modules.imports().len() > 50, "hardly an import was found");
    let faults = faults(&modules);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let modules = Modules::read(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned())),
        );
        assert_eq!(faults(&modules), expected, "{files:?}");
    }

    #[test]
    fn imports_down_the_wings_and_between_top_level_files_are_fine() {
        check(
            &[
                ("lib.rs", "mod kubernetes;\nuse crate::policy::validate;"),
                (
                    "policy.rs",
                    "use crate::response::Response;\nuse crate::injection::inject;",
                ),
                ("response.rs", "use crate::kubernetes::Pod;"),
                (
                    "injection/mod.rs",
                    "mod env;\nuse crate::{kubernetes::{Pod, PodSpec}, settings::Settings};",
                ),
                (
                    "injection/env.rs",
                    "use super::Plan;\nuse crate::pod_options::PodOptions;",
                ),
                ("settings/mod.rs", "use crate::kubernetes::Pod;"),
                ("pod_options.rs", "use crate::kubernetes::Annotations;"),
                ("kubernetes/mod.rs", "mod pod;\npub use pod::Pod;"),
                (
                    "kubernetes/pod.rs",
                    "/// See [`crate::policy`].\n#[cfg(test)]\nmod tests {\n    use crate::policy;\n}\n",
                ),
            ],
            &[],
        );
    }

    #[test]
    fn an_import_up_or_across_the_wings_is_a_fault_however_it_is_written() {
        let wings = |kubernetes: &'static str| {
            [
                ("kubernetes/mod.rs", kubernetes),
                ("injection/mod.rs", ""),
                ("settings/mod.rs", ""),
            ]
        };
        let up = "kubernetes imports settings, which is not below it";
        check(&wings("use crate::settings::Settings;"), &[up]);
        check(
            &wings("pub(crate) use crate::{injection::Reason, settings};"),
            &[
                "kubernetes imports injection, which is not below it",
                "kubernetes imports settings, which is not below it",
            ],
        );
        check(&wings("fn a() { crate::settings::read() }"), &[up]);
        check(&wings("use super::settings::{self, Mode as M};"), &[up]);
        check(
            &[
                ("kubernetes/mod.rs", "mod a;"),
                ("kubernetes/a.rs", "use super::super::settings;"),
                ("settings/mod.rs", ""),
            ],
            &[up],
        );
        check(
            &wings("use crate::injection::Reason;"),
            &["kubernetes imports injection, which is not below it"],
        );
    }

    #[test]
    fn a_circle_in_a_wing_is_a_fault_also_through_what_a_module_exports() {
        let circle = "kubernetes: imports in a circle: a → b";
        check(
            &[
                ("kubernetes/a.rs", "use super::b::B;"),
                ("kubernetes/b.rs", "use crate::kubernetes::a::A;"),
                ("kubernetes/mod.rs", ""),
            ],
            &[circle],
        );
        check(
            &[
                ("kubernetes/a.rs", "use crate::kubernetes::B;"),
                ("kubernetes/b.rs", "use super::A;"),
                (
                    "kubernetes/mod.rs",
                    "mod a;\nmod b;\npub use a::A;\npub use self::b::{B, C};",
                ),
            ],
            &[circle],
        );
        check(
            &[
                ("policy.rs", "use crate::response::R;"),
                ("response.rs", "use crate::policy::P;"),
            ],
            &[": imports in a circle: policy → response"],
        );
    }

    #[test]
    fn a_folder_that_is_not_a_wing_is_a_fault() {
        check(&[("report/mod.rs", "")], &["report: not a wing; add it to LEVELS"]);
    }
}
