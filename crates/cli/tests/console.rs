//! The console blocks of the pages on the companion command, and of the cases in `cmd`, show what the command prints.
//! `TRYCMD=overwrite` renews them.

#[test]
fn console_blocks_show_what_the_command_prints() {
    // The blocks name files as users do, from the folder of the project.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    let cases = trycmd::TestCases::new();
    // Output for a terminal has characters beyond ASCII only where the locale is UTF-8.
    cases.env("LC_ALL", "C.UTF-8");
    cases
        .case("docs/companion.md")
        .case("docs/probe.md")
        .case("docs/trust-image.md")
        .case("docs/explain.md")
        .case("docs/survey.md")
        .case("crates/cli/tests/cmd/*.md");
}
