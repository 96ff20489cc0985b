//! What the module asks its host for.

use std::collections::BTreeSet;
use std::fs;

use e2e_tests::markdown::table;
use testkit::page::docs;

use crate::policy::MODULE;

/// The table says of each function why it is there.
#[test]
fn the_module_imports_what_the_page_on_guarantees_says_and_nothing_else() {
    let imported: BTreeSet<String> = MODULE.imports().map(|import| format!("`{import}`")).collect();
    let page = fs::read_to_string(docs().join("development/guarantees.md")).unwrap();
    let rows = table(&page, "What the module imports");
    let documented: BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(imported, documented);
}
