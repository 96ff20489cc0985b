//! Which client trusts the CA that the policy mounts, and which still trusts what its image trusts.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use host::policy::Policy;
use serde_json::{Value, json};

use crate::client::{self, Client, Environment, OLDER_NATIVE_CERTS};
use crate::image::{self, Roots};
use crate::inspection::{DIRECT, HOSTS, INSPECTED, Inspection};
use crate::matrix::{Column, Matrix};
use crate::{page, pod, sandbox};

/// What the clients trust, a row for each client and a column for each way to give it the CA:
/// B: both the CA and the image's roots, C: the CA only, I: the image's roots only, -: neither.
const EXPECTED: &str = "
    CLIENT         none Append Append-bundle complete store image image-Append incomplete incomplete-bundle Mount
    curl           I    B      B             B        B    B     B            B          C                 I
    wget           I    I      I             I        I    I     I            I          I                 I
    apt            I    I      I             I        I    I     I            I          I                 I
    git            I    I      I             B        B    B     I            B          B                 I
    urllib         I    B      B             B        B    B     B            B          C                 I
    requests       I    I      I             B        B    B     I            C          C                 I
    httpx          I    B      C             B        B    B     B            C          C                 I
    kubernetes     I    B      B             B        B    B     B            B          C                 I
    Ruby           I    B      B             B        B    B     B            B          C                 I
    Node           -    C      C             B        B    B     B            C          C                 -
    undici         -    C      C             B        B    B     B            C          C                 -
    Go             I    B      B             B        B    B     B            B          B                 I
    reqwest        I    B      B             B        B    B     B            C          C                 I
    LWP            I    I      I             I        I    I     I            I          I                 I
    Java           I    I      I             I        B    B     I            I          I                 I
    reqwest-0.8.1  I    -      -             B        B    B     -            C          C                 I
";

/// A way to give the CA to a container, a column of the table.
struct Way {
    column: Column,
    roots: Roots,
    is_meant_for_both: bool,
    /// The CA part of the settings, given the base64 of the proxy's CA.
    settings: fn(&str) -> Value,
}

const WAYS: &[Way] = &[
    Way {
        column: Column {
            name: "none",
            title: "no CA",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: false,
        settings: |_| json!({}),
    },
    Way {
        column: Column {
            name: "Append",
            title: "inline (`Append`)",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: true,
        settings: |ca| json!({"trustedCa": ca}),
    },
    Way {
        column: Column {
            name: "Append-bundle",
            title: "inline, bundle image",
        },
        roots: Roots::Bundle,
        is_meant_for_both: true,
        settings: |ca| json!({"trustedCa": ca}),
    },
    Way {
        column: Column {
            name: "complete",
            title: "ConfigMap or ClusterTrustBundle",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: true,
        settings: |_| json!({"trustedCaFrom": {"configMapKeyRef": {"name": "bundle", "key": "roots.pem"}}}),
    },
    Way {
        column: Column {
            name: "store",
            title: "ConfigMap with `pkcs12Key`",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: true,
        settings: |_| json!({"trustedCaFrom": {"configMapKeyRef": {"name": "bundle", "key": "roots.pem", "pkcs12Key": "roots.p12"}}}),
    },
    Way {
        column: Column {
            name: "image",
            title: "image",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: true,
        settings: |_| json!({"trustedCaFrom": {"image": {"reference": "trust-image:1"}}}),
    },
    Way {
        column: Column {
            name: "image-Append",
            title: "image, `Append`",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: true,
        settings: |_| json!({"trustedCaFrom": {"image": {"reference": "trust-image:1"}}, "trustedCaUse": "Append"}),
    },
    Way {
        column: Column {
            name: "incomplete",
            title: "inline, `Replace`",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: false,
        settings: |ca| json!({"trustedCa": ca, "trustedCaUse": "Replace"}),
    },
    Way {
        column: Column {
            name: "incomplete-bundle",
            title: "inline, `Replace`, bundle image",
        },
        roots: Roots::Bundle,
        is_meant_for_both: false,
        settings: |ca| json!({"trustedCa": ca, "trustedCaUse": "Replace"}),
    },
    Way {
        column: Column {
            name: "Mount",
            title: "`Mount`",
        },
        roots: Roots::HashedDirectory,
        is_meant_for_both: false,
        settings: |ca| json!({"trustedCa": ca, "trustedCaUse": "Mount"}),
    },
];

/// Node's own roots are compiled in: none of the test's can be put among them.
const COMPILED_IN: [&str; 2] = ["Node", "undici"];

impl Way {
    /// The settings, given the base64 of the proxy's CA.
    fn complete_settings(&self, ca: &str) -> Value {
        let mut settings = json!({
            "httpProxy": "http://proxy.test:3128/",
            "noProxy": [DIRECT],
            "runtimes": {"java": true, "node": true},
        });
        if let (Value::Object(settings), Value::Object(ca_part)) = (&mut settings, (self.settings)(ca)) {
            settings.extend(ca_part);
        }
        settings
    }

    /// Where a client is meant to trust both, and does not.
    fn emphasis(&self, words: &str) -> String {
        if self.is_meant_for_both {
            format!("**{words}**")
        } else {
            words.to_owned()
        }
    }
}

/// What a client trusts.
#[derive(Clone, Copy)]
struct Trust {
    ca: bool,
    image: bool,
}

pub fn run() -> Result<()> {
    let mut matrix = Matrix::new(WAYS.iter().map(|way| way.column).collect(), EXPECTED)?;
    sandbox::set_up(&HOSTS, [])?;
    image::set_up()?;
    let mut all = client::with_cas();
    all.push(&OLDER_NATIVE_CERTS);
    let clients = client::installed(all.iter().copied())?;
    let inspection = Inspection::start()?;
    put_root_into_stores(&clients, &inspection.server.root)?;
    let ca = std::fs::read_to_string(&inspection.proxy_ca)?;
    let bundle = ca.clone() + &std::fs::read_to_string(&inspection.server.root)?;
    let base64 = base64(&inspection.proxy_ca)?;
    // The server's root stands for the public ones.
    let trust_image = image::trust_image(&inspection.proxy_ca, &inspection.server.root)?;
    // trust-manager's store is one of the same format.
    let store = std::fs::read(trust_image.join("truststore.p12"))?;
    let config_map = |name: &str, key: &str| match (name, key) {
        ("bundle", "roots.pem") => Some(bundle.clone().into_bytes()),
        ("bundle", "roots.p12") => Some(store.clone()),
        _ => None,
    };
    let policy = Policy::load()?;

    for way in WAYS {
        let pod = pod::admit(&policy, &way.complete_settings(&base64))?;
        image::store(way.roots, &inspection.server.root)?;
        image::mount_volumes(&pod, &config_map, Some(&trust_image))?;
        let environment = pod::environment(&pod, &|_, _| None)?;
        for (client, _) in &clients {
            let trust =
                ask(client, &environment).with_context(|| format!("{} with {}", client.name, way.column.name))?;
            matrix.add(client, trust);
        }
    }
    matrix.check(&clients)?;
    if clients.len() < all.len() {
        eprintln!("docs/trusted-ca-clients.md is unchanged, because clients are missing");
        return Ok(());
    }
    let versions = clients.iter().map(|(_, version)| version);
    page::publish("trusted-ca-clients.md", &matrix.tables(&clients, cell), versions)
}

/// Puts the image's root where clients look that have a store of their own.
fn put_root_into_stores(clients: &[(&Client, String)], root: &Path) -> Result<()> {
    let has = |name: &str| clients.iter().any(|(client, _)| client.name == name);
    if has("requests") {
        image::bundle_of_certifi(root)?;
    }
    if has("Java") {
        image::store_for_java(root)?;
    }
    Ok(())
}

fn cell(client: &Client, column: usize, trust: Trust) -> String {
    let way = &WAYS[column];
    // Nothing of the test is among Node's own roots, so what it makes of them is not seen.
    let unseen = COMPILED_IN.contains(&client.name) && !trust.image;
    match (trust.ca, trust.image) {
        (true, false) if unseen => "CA, †".to_owned(),
        (false, false) if unseen => "†".to_owned(),
        (true, true) => "both".to_owned(),
        (false, true) => way.emphasis("image only"),
        (true, false) => way.emphasis("CA only"),
        (false, false) => way.emphasis("neither"),
    }
}

/// Asks for both servers. What fails is to fail for the certificate, and for nothing else.
fn ask(client: &Client, environment: &Environment) -> Result<Trust> {
    let urls = [INSPECTED, DIRECT].map(|host| format!("https://{host}/"));
    let answers = client.ask(environment, &urls.each_ref().map(String::as_str))?;
    let mut trusts = Vec::new();
    for answer in answers {
        if let Err(reason) = &answer {
            let reason = reason.to_lowercase();
            let is_trust = ["certificate", "certification", "cafile", "issuer"]
                .iter()
                .any(|word| reason.contains(word));
            ensure!(is_trust, "{reason}");
        }
        trusts.push(answer.is_ok());
    }
    Ok(Trust {
        ca: trusts[0],
        image: trusts[1],
    })
}

fn base64(path: &Path) -> Result<String> {
    let output = Command::new("base64").arg("--wrap=0").arg(path).output()?;
    Ok(String::from_utf8(output.stdout)?)
}

impl From<Trust> for char {
    fn from(trust: Trust) -> char {
        match (trust.ca, trust.image) {
            (true, true) => 'B',
            (true, false) => 'C',
            (false, true) => 'I',
            (false, false) => '-',
        }
    }
}
