//! The files that [Artifact Hub](https://artifacthub.io/docs/topics/repositories/kubewarden-policies) reads, made from
//! `policy-metadata.yml` and `questions-ui.yml`: the package as `kwctl scaffold artifacthub` writes it, on machines without `kwctl` too.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::files::project_file;

/// What both files begin with.
const HEADER: &str = "# Generated from policy-metadata.yml and questions-ui.yml; make artifacthub updates it.\n";

/// `policy-metadata.yml`: the project's name, version and URLs, and what the policy is applied to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    pub(crate) rules: Value,
    pub(crate) mutating: bool,
    annotations: BTreeMap<String, String>,
}

impl Metadata {
    pub fn read() -> Result<Self> {
        let path = project_file("policy-metadata.yml");
        let document = documents::read(path.to_str().context("the project's path is UTF-8")?)?.remove(0);
        serde_json::from_value(document.value).with_context(|| format!("{} is not a policy's metadata", path.display()))
    }

    /// An annotation, `io.kubewarden.policy.title` say.
    pub fn annotation(&self, key: &str) -> Result<&str> {
        self.annotations
            .get(key)
            .map(String::as_str)
            .with_context(|| format!("policy-metadata.yml has no annotation {key}"))
    }

    /// The published module of this version: `<registry>/<repository>:v<version>`.
    pub fn module(&self) -> Result<String> {
        let repository = self.annotation("io.kubewarden.policy.ociUrl")?;
        Ok(format!(
            "{repository}:v{}",
            self.annotation("io.kubewarden.policy.version")?
        ))
    }

    /// Those whom `io.kubewarden.policy.author` names: `Name <mail>, Name <mail>`.
    pub(crate) fn maintainers(&self) -> Result<Vec<Maintainer>> {
        let authors = self.annotation("io.kubewarden.policy.author")?;
        authors
            .split(',')
            .map(|author| {
                let (name, email) = author
                    .trim()
                    .strip_suffix('>')
                    .and_then(|author| author.split_once(" <"))
                    .with_context(|| format!("io.kubewarden.policy.author: {author} is not of the form Name <mail>"))?;
                Ok(Maintainer {
                    name: name.to_owned(),
                    email: email.to_owned(),
                })
            })
            .collect()
    }
}

/// `artifacthub-pkg.yml`. `questions` is the text of `questions-ui.yml`.
pub fn package(metadata: &Metadata, questions: &str) -> Result<String> {
    let owned = |key| metadata.annotation(key).map(str::to_owned);
    let version = owned("io.kubewarden.policy.version")?;
    let source = owned("io.kubewarden.policy.source")?;
    let home_url = owned("io.kubewarden.policy.url")?;
    let module = metadata.module()?;
    let package = Package {
        name: owned("io.kubewarden.policy.title")?,
        display_name: owned("io.artifacthub.displayName")?,
        created_at: owned("org.opencontainers.image.created")?,
        description: owned("io.kubewarden.policy.description")?,
        license: owned("io.kubewarden.policy.license")?,
        home_url: home_url.clone(),
        containers_images: [Image {
            name: "policy",
            image: module,
        }],
        keywords: metadata
            .annotation("io.artifacthub.keywords")?
            .split(',')
            .map(|keyword| keyword.trim().to_owned())
            .collect(),
        links: [
            Link {
                name: "policy",
                url: format!("{source}/releases/download/v{version}/policy.wasm"),
            },
            Link {
                name: "source",
                url: source,
            },
        ],
        install: format!(
            "Install [Kubewarden](https://docs.kubewarden.io/quick-start), download the manifest, put in your proxy and networks, and apply it:\n\
             ```console\n\
             curl -fLO {home_url}/raw/v{version}/examples/quickstart/policy.yaml\n\
             kubectl apply -f policy.yaml\n\
             ```\n\
             The manifest excludes system namespaces, which must be able to start while the policy server is down. A manifest from `kwctl scaffold manifest` \
             does not. [The documentation]({home_url}/blob/v{version}/docs/install.md) explains each step.\n"
        ),
        maintainers: metadata.maintainers()?,
        provider: json!({"name": "kubewarden"}),
        recommendations: json!([{"url": "https://artifacthub.io/packages/helm/kubewarden/admission-controller"}]),
        annotations: BTreeMap::from([
            ("kubewarden/mutation", metadata.mutating.to_string()),
            ("kubewarden/questions-ui", questions.to_owned()),
            ("kubewarden/resources", owned("io.artifacthub.resources")?),
            ("kubewarden/rules", documents::to_yaml(&metadata.rules)?),
        ]),
        version,
    };
    Ok(format!("{HEADER}{}", documents::to_yaml(&package)?))
}

/// `artifacthub-repo.yml`. Artifact Hub shows the repository as that of a verified publisher if the file has the id that it gave the
/// repository: `io.artifacthub.repositoryID` in `policy-metadata.yml`, once there is one.
pub fn repository(metadata: &Metadata) -> Result<String> {
    let repository = Repository {
        repository_id: metadata.annotation("io.artifacthub.repositoryID").ok(),
        owners: metadata.maintainers()?,
    };
    Ok(format!("{HEADER}{}", documents::to_yaml(&repository)?))
}

/// <https://github.com/artifacthub/hub/blob/master/docs/metadata/artifacthub-pkg.yml>, as far as `kwctl` writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    version: String,
    name: String,
    display_name: String,
    created_at: String,
    description: String,
    license: String,
    #[serde(rename = "homeURL")]
    home_url: String,
    containers_images: [Image; 1],
    keywords: Vec<String>,
    links: [Link; 2],
    install: String,
    maintainers: Vec<Maintainer>,
    provider: Value,
    recommendations: Value,
    annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Image {
    name: &'static str,
    image: String,
}

#[derive(Serialize)]
struct Link {
    name: &'static str,
    url: String,
}

#[derive(Serialize)]
pub(crate) struct Maintainer {
    name: String,
    email: String,
}

/// <https://github.com/artifacthub/hub/blob/master/docs/metadata/artifacthub-repo.yml>
#[derive(Serialize)]
struct Repository<'a> {
    #[serde(rename = "repositoryID", skip_serializing_if = "Option::is_none")]
    repository_id: Option<&'a str>,
    owners: Vec<Maintainer>,
}
