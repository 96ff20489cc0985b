//! The console blocks of the page on the companion command, and of the cases in `cmd`, show what the command prints.
//! `TRYCMD=overwrite` renews them.

#[test]
fn console_blocks_show_what_the_command_prints() {
    // The blocks name files as users do, from the folder of the project.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    let cases = trycmd::TestCases::new();
    cases.case("docs/companion.md").case("crates/cli/tests/cmd/*.md");
}
