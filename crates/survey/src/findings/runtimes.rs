//! Containers that look like runtimes which do not read the variables: Java and Node.js.

use serde_json::Value;

use super::{Context, Findings, Pair, finding};
use crate::environment::Environment;
use crate::places;
use crate::report::{Kind, Severity};
use crate::subjects::Subject;

/// Parts of the names of images that have a JDK or a JRE.
const JAVA_IMAGES: [&str; 17] = [
    "java",
    "jdk",
    "jre",
    "openjdk",
    "temurin",
    "corretto",
    "zulu",
    "liberica",
    "semeru",
    "graalvm",
    "tomcat",
    "jetty",
    "wildfly",
    "payara",
    "openliberty",
    "gradle",
    "maven",
];
const JAVA_VARIABLES: [&str; 7] = [
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "JAVA_OPTS",
    "JAVA_HOME",
    "CATALINA_OPTS",
    "SPRING_PROFILES_ACTIVE",
];
const NODE_VARIABLES: [&str; 2] = ["NODE_OPTIONS", "NODE_ENV"];
const NODE_COMMANDS: [&str; 6] = ["node", "nodejs", "npm", "npx", "pnpm", "yarn"];

pub(super) fn add(subject: &Subject, pair: &Pair, context: &Context, findings: &mut Findings) {
    let Some(settings) = context.settings_of(subject) else {
        return;
    };
    let environment = Environment::new(pair.after, subject.namespace(), context.dump);
    let has = |name: &str, option: &str| environment.text(name).is_some_and(|value| value.contains(option));
    let java_options = [
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "_JAVA_OPTIONS",
        "JAVA_OPTS",
        "CATALINA_OPTS",
    ];
    let java_has_proxy = java_options
        .iter()
        .any(|name| has(name, "proxyHost") || has(name, "useSystemProxies=true"));
    if !settings.java && !java_has_proxy && is_java(pair.before, &environment) {
        let mut java = finding(subject, Some(pair.name), Kind::Java, Severity::Check);
        java.place = Some("image".to_owned());
        java.why = "It looks like Java, which reads none of the variables: it would go on without the proxy".to_owned();
        java.fix = "If direct access is blocked, write runtimes: {java: true}".to_owned();
        findings.add(java);
    }
    let node_has_proxy = has("NODE_USE_ENV_PROXY", "1") || has("NODE_OPTIONS", "--use-env-proxy");
    if !settings.node && !node_has_proxy && is_node(pair.before, &environment) {
        let mut node = finding(subject, Some(pair.name), Kind::Node, Severity::Check);
        node.place = Some("image".to_owned());
        node.why =
            "It looks like Node.js, whose fetch and http read the variables only with NODE_USE_ENV_PROXY=1".to_owned();
        node.fix = "If direct access is blocked, write runtimes: {node: true}".to_owned();
        findings.add(node);
    }
    add_busybox(subject, pair, findings);
}

fn add_busybox(subject: &Subject, pair: &Pair, findings: &mut Findings) {
    let is_busybox = |image: Vec<Vec<&str>>| image.last().is_some_and(|name| name.first() == Some(&"busybox"));
    if is_busybox(image(pair.before)) && places::calls_wget(pair.before) {
        let mut busybox = finding(subject, Some(pair.name), Kind::ClientLimit, Severity::Check);
        busybox.place = Some("image".to_owned());
        busybox.why =
            "BusyBox's wget reads no NO_PROXY, and sends https requests to the proxy of http: every request goes there"
                .to_owned();
        busybox.fix = format!(
            "If it calls the cluster, add the annotation http-proxy.kubewarden.io/exclude-containers: \"{}\" to the pod, or use curl",
            pair.name
        );
        findings.add(busybox);
    }
}

/// The segments of an image's name, each as its words: `[["eclipse", "temurin"], ["21", "jre"]]` with the tag as the last but one.
fn image(container: &Value) -> Vec<Vec<&str>> {
    let image = container["image"].as_str().unwrap_or_default();
    let image = image.split('@').next().unwrap_or_default();
    let (path, _) = split_tag(image);
    path.split('/').map(words).collect()
}

fn split_tag(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        _ => (image, ""),
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect()
}

/// A word without the version at its end: `jdk21`, `node20`.
fn unnumbered(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// The program that a container starts, where its command says it.
fn program(container: &Value) -> &str {
    let command = container["command"][0].as_str().unwrap_or_default();
    command.rsplit('/').next().unwrap_or_default()
}

fn is_java(container: &Value, environment: &Environment) -> bool {
    let is_word = |word: &&str| JAVA_IMAGES.contains(&unnumbered(word));
    let (_, tag) = split_tag(container["image"].as_str().unwrap_or_default());
    let name = image(container).pop().unwrap_or_default();
    name.iter().chain(&words(tag)).any(is_word)
        || program(container) == "java"
        || environment.names().any(|name| JAVA_VARIABLES.contains(&name))
}

fn is_node(container: &Value, environment: &Environment) -> bool {
    let name = image(container).pop().unwrap_or_default();
    // node-exporter and the like are about nodes of clusters.
    let is_node_alone = matches!(name.as_slice(), [only] if unnumbered(only) == "node");
    is_node_alone
        || name.iter().any(|word| unnumbered(word) == "nodejs")
        || NODE_COMMANDS.contains(&program(container))
        || environment.names().any(|name| NODE_VARIABLES.contains(&name))
}
