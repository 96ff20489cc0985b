//! What of the chart is made of other files: `Chart.yaml` of `policy-metadata.yml`, the form of `questions-ui.yml`, the schemas of the
//! table of settings and of `values.yaml`, and the table of values in its README.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use serde_json::Value;
use testkit::files::project_file;

use crate::artifact_hub::{Maintainer, Metadata};

/// The folder of the chart.
pub const FOLDER: &str = "charts/http-proxy-policy";

/// What `Chart.yaml` begins with.
const HEADER: &str = "# Generated from policy-metadata.yml; make chart updates it.\n";

/// Between these lines of the chart's README is the table of values.
const TABLE: [&str; 2] = [
    "<!-- The values. make chart updates them. -->\n",
    "<!-- The end of the values. -->\n",
];

/// The files that are made of others: their paths, and what they hold.
///
/// # Errors
/// One of the others cannot be read, or is not as expected.
pub fn files() -> Result<Vec<(String, String)>> {
    let metadata = Metadata::read()?;
    let of_chart = |name: &str| format!("{FOLDER}/{name}");
    let values_yaml = read(&of_chart("values.yaml"))?;
    let known = |error: String| anyhow!(error);
    Ok(vec![
        (
            "settings.schema.json".to_owned(),
            pretty(&schema::settings(&schema_url(&metadata)?))?,
        ),
        (
            of_chart("values.schema.json"),
            pretty(&schema::values(&values_yaml).map_err(known)?)?,
        ),
        (of_chart("Chart.yaml"), chart_yaml(&metadata)?),
        (of_chart("questions.yaml"), read("questions-ui.yml")?),
        (of_chart("templates/_defaults.tpl"), defaults(&values_yaml)?),
        (
            of_chart("README.md"),
            readme(&read(&of_chart("README.md"))?, &values_yaml)?,
        ),
    ])
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(project_file(path)).with_context(|| format!("{path} cannot be read"))
}

fn pretty(schema: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(schema)? + "\n")
}

/// Where the schema of this version's settings is published.
fn schema_url(metadata: &Metadata) -> Result<String> {
    let url = metadata.annotation("io.kubewarden.policy.url")?;
    let version = metadata.annotation("io.kubewarden.policy.version")?;
    Ok(format!("{url}/releases/download/v{version}/settings.schema.json"))
}

/// The registry, repository and tag of the module.
///
/// # Errors
/// The metadata does not have them.
pub fn module(metadata: &Metadata) -> Result<[String; 3]> {
    let url = metadata.annotation("io.kubewarden.policy.ociUrl")?;
    let (registry, repository) = url
        .split_once('/')
        .context("io.kubewarden.policy.ociUrl has no repository")?;
    let version = metadata.annotation("io.kubewarden.policy.version")?;
    Ok([registry.to_owned(), repository.to_owned(), format!("v{version}")])
}

/// The values as a template, because templates cannot read `values.yaml`.
fn defaults(values_yaml: &str) -> Result<String> {
    let values = documents::parse(values_yaml)?.remove(0).value;
    Ok(format!(
        "{{{{/* Generated from values.yaml; make chart updates it. */}}}}\n\
         {{{{- define \"http-proxy-policy.valuesYaml\" -}}}}\n{values}\n{{{{- end }}}}\n"
    ))
}

/// Where the chart is published: `oci://<registry>/<owner>/charts/<name>`, as the module has the place without `charts`.
///
/// # Errors
/// The metadata does not have what it is made of.
pub fn reference(metadata: &Metadata) -> Result<String> {
    let [registry, repository, _] = module(metadata)?;
    let (owner, name) = repository
        .split_once('/')
        .context("io.kubewarden.policy.ociUrl has no owner")?;
    Ok(format!("oci://{registry}/{owner}/charts/{name}"))
}

fn chart_yaml(metadata: &Metadata) -> Result<String> {
    let owned = |key| metadata.annotation(key).map(str::to_owned);
    let version = owned("io.kubewarden.policy.version")?;
    let keywords = metadata.annotation("io.artifacthub.keywords")?.split(',');
    let chart = Chart {
        api_version: "v2",
        name: owned("io.kubewarden.policy.title")?,
        app_version: version.clone(),
        version,
        description: owned("io.kubewarden.policy.description")?,
        kube_version: ">= 1.25.0-0",
        home: owned("io.kubewarden.policy.url")?,
        sources: [owned("io.kubewarden.policy.source")?],
        keywords: keywords.map(|keyword| keyword.trim().to_owned()).collect(),
        maintainers: metadata.maintainers()?,
        annotations: annotations(metadata)?,
    };
    Ok(format!("{HEADER}{}", documents::to_yaml(&chart)?))
}

/// Artifact Hub's, and those by which Rancher's extension recognises a policy and creates it:
/// <https://github.com/rancher/kubewarden-ui/blob/main/pkg/kubewarden/types/kubewarden.ts>. Those of Kubewarden's own policies are written by
/// <https://github.com/kubewarden/policy-catalog/tree/main/pkg2chart>.
fn annotations(metadata: &Metadata) -> Result<BTreeMap<&'static str, String>> {
    let owned = |key| metadata.annotation(key).map(str::to_owned);
    let [registry, repository, tag] = module(metadata)?;
    Ok(BTreeMap::from([
        ("artifacthub.io/license", owned("io.kubewarden.policy.license")?),
        ("artifacthub.io/repository", owned("io.kubewarden.policy.title")?),
        ("catalog.cattle.io/hidden", "true".to_owned()),
        ("catalog.cattle.io/type", "kubewarden-policy".to_owned()),
        ("catalog.cattle.io/ui-component", "kubewarden".to_owned()),
        ("kubewarden/displayName", owned("io.artifacthub.displayName")?),
        ("kubewarden/mutation", metadata.mutating.to_string()),
        ("kubewarden/registry", registry),
        ("kubewarden/repository", repository),
        ("kubewarden/resources", owned("io.artifacthub.resources")?),
        ("kubewarden/rules", documents::to_yaml(&metadata.rules)?),
        ("kubewarden/tag", tag),
    ]))
}

/// The README with the table of the values that `values.yaml` describes.
fn readme(readme: &str, values_yaml: &str) -> Result<String> {
    let [start, end] = TABLE;
    let (front, rest) = readme
        .split_once(start)
        .context("the chart's README has no table of values")?;
    let (_, behind) = rest
        .split_once(end)
        .context("the chart's README has no end of the table of values")?;
    let mut table = String::from("\n| value | default | meaning |\n| --- | --- | --- |\n");
    for value in schema::chart_values(values_yaml).map_err(|error| anyhow!(error))? {
        let (path, default) = (value.path, value.default);
        table.push_str(&format!("| `{path}` | `{default}` | {} |\n", value.description));
    }
    Ok(format!("{front}{start}{table}\n{end}{behind}"))
}

/// <https://helm.sh/docs/topics/charts/#the-chartyaml-file>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Chart {
    api_version: &'static str,
    name: String,
    version: String,
    app_version: String,
    description: String,
    kube_version: &'static str,
    home: String,
    sources: [String; 1],
    keywords: Vec<String>,
    maintainers: Vec<Maintainer>,
    annotations: BTreeMap<&'static str, String>,
}
