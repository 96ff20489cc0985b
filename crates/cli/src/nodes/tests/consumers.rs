//! What each format's consumer accepts: judged by the consumer's own code where a package has it, and by its rules otherwise.

use super::*;

/// Of each object of a document, its fields.
fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn systemd_accepts_the_drop_in() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("http-proxy-units-{}", std::process::id()));
    let unit = folder.join("kubelet.service");
    fs::create_dir_all(folder.join("kubelet.service.d")).unwrap();
    fs::write(&unit, "[Service]\nExecStart=/bin/true\n").unwrap();
    fs::write(
        folder.join("kubelet.service.d/50-http-proxy-policy.conf"),
        systemd::drop_in(),
    )
    .unwrap();
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&unit)
        .output()
        .unwrap();
    fs::remove_dir_all(folder).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !said.contains("http-proxy-policy.conf"),
        "{said}"
    );
}

/// <https://github.com/siderolabs/talos/blob/main/pkg/machinery/config/schemas/config.schema.json>: no other fields; names by
/// `POSIX1EnvKeyRegex` of types/runtime/environment.go.
#[test]
fn talos_gets_the_fields_of_its_schema_alone() {
    let [environment, roots] = &yaml(&document(&node(), Format::Talos))[..] else {
        panic!("two documents");
    };
    assert_eq!(fields(environment), ["apiVersion", "kind", "variables"]);
    assert_eq!(
        (&environment["apiVersion"], &environment["kind"]),
        (&"v1alpha1".into(), &"EnvironmentConfig".into())
    );
    for (name, value) in environment["variables"].as_object().unwrap() {
        assert!(
            value.is_string() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{name}"
        );
    }
    assert_eq!(fields(roots), ["apiVersion", "certificates", "kind", "name"]);
}

/// <https://github.com/kubernetes-sigs/cluster-api/blob/main/api/bootstrap/kubeadm/v1beta2/kubeadmconfig_types.go>: `File`, and what
/// its validation asks for.
#[test]
fn cluster_api_gets_files_that_its_validation_accepts() {
    for has_credentials in [true, false] {
        let mut node = node();
        // One that is too long for content.
        node.no_proxy
            .extend((0..1500).map(|index| format!("host-{index}.example.com")));
        if !has_credentials {
            node.http_proxy = Some("http://proxy.example.com:3128/".to_owned());
            node.https_proxy = node.http_proxy.clone();
        }
        let [secret, spec] = &yaml(&document(&node, Format::ClusterApi))[..] else {
            panic!("a Secret and the spec");
        };
        assert_eq!(fields(spec), ["files", "preKubeadmCommands"]);
        for file in spec["files"].as_array().unwrap() {
            let known = ["append", "content", "contentFrom", "owner", "path", "permissions"];
            assert!(fields(file).iter().all(|field| known.contains(field)), "{file}");
            let reference = &file["contentFrom"]["secret"];
            assert!(
                file["content"].is_string() != reference.is_object(),
                "one of both: {file}"
            );
            assert!(
                file["content"]
                    .as_str()
                    .is_none_or(|content| (1..=10_240).contains(&content.len())),
                "{file}"
            );
            if let Some(key) = reference["key"].as_str() {
                assert_eq!(reference["name"], secret["metadata"]["name"]);
                assert!(secret["stringData"][key].is_string(), "{key}");
            }
        }
    }
}

/// <https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/api/v1alpha1/nodeconfig_types.go>: `EnvironmentOptions` maps names of
/// units, or `default`, to variables; <https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/examples/>: the parts.
#[test]
fn nodeadm_gets_a_multipart_document_of_its_types() {
    let user_data = document(&node(), Format::Nodeadm);
    let (head, body) = user_data.split_once("\n\n").unwrap();
    assert_eq!(
        head,
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"http-proxy-policy\""
    );
    let parts: Vec<&str> = body.split("--http-proxy-policy").collect();
    let [before, config, hook, "--\n"] = parts[..] else {
        panic!("{parts:?}");
    };
    assert_eq!(before, "");
    let config = config
        .strip_prefix("\nContent-Type: application/node.eks.aws\n\n")
        .unwrap();
    let config = yaml(config).remove(0);
    assert_eq!(
        (&config["apiVersion"], &config["kind"]),
        (&"node.eks.aws/v1alpha1".into(), &"NodeConfig".into())
    );
    assert_eq!(fields(&config["spec"]["instance"]["environment"]), ["default"]);
    assert!(
        hook.starts_with("\nContent-Type: text/cloud-boothook; charset=\"us-ascii\"\n\n#!/bin/sh\n"),
        "{hook}"
    );
    if !has("python3") {
        return;
    }
    // What cloud-init reads user data with.
    let script = "import email, sys\nfor part in email.message_from_file(sys.stdin).get_payload():\n    print(part.get_content_type(), \
                  part.get_payload().splitlines()[0])";
    let mut python = Command::new("python3");
    python
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut python = python.spawn().unwrap();
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), user_data.as_bytes()).unwrap();
    let said = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(
        said,
        "application/node.eks.aws apiVersion: node.eks.aws/v1alpha1\ntext/cloud-boothook #!/bin/sh\n"
    );
}

#[test]
fn apt_reads_the_proxies() {
    if !has("apt-config") {
        return;
    }
    let node = node();
    let golden = fixtures().join("systemd/file/etc/apt/apt.conf.d/95http-proxy-policy");
    let output = Command::new("apt-config")
        .env("APT_CONFIG", golden)
        .arg("dump")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for (scheme, url) in [("http", &node.http_proxy), ("https", &node.https_proxy)] {
        let line = format!("Acquire::{scheme}::Proxy \"{}\";", url.as_ref().unwrap());
        assert!(said.lines().any(|known| known == line), "{line}\n{said}");
    }
}

#[test]
fn cloud_init_accepts_the_user_data() {
    if !has("cloud-init") {
        return;
    }
    let golden = fixtures().join("cloud-init/cloud-config.yaml");
    let output = Command::new("cloud-init")
        .args(["schema", "--config-file"])
        .arg(golden)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// <https://github.com/rpm-software-management/libdnf>, as dnf 4 uses it: the value as in a file of the user to which the block is added.
#[test]
fn dnf_reads_the_proxy() {
    let script =
        "import sys, dnf\nconf = dnf.conf.Conf()\nconf.read(filename=sys.argv[1])\nprint(conf.proxy, conf.gpgcheck)";
    let python = |arguments: &[&str]| Command::new("/usr/bin/python3").args(arguments).output().unwrap();
    if !python(&["-c", "import dnf"]).status.success() {
        assert!(
            std::env::var_os("CI").is_none(),
            "python3-dnf is missing; .ci/run installs it"
        );
        crate::console::note("SKIPPED: what needs python3-dnf, which is not on this machine");
        return;
    }
    let block = fs::read_to_string(fixtures().join("systemd/block/etc/dnf/dnf.conf")).unwrap();
    let file = std::env::temp_dir().join(format!("http-proxy-dnf-{}.conf", std::process::id()));
    let own = "[main]\ngpgcheck=False\nproxy=http://old.example.com\n[local]\nbaseurl=file:///a\n";
    fs::write(&file, format!("{own}{block}")).unwrap();
    let output = python(&["-c", script, file.to_str().unwrap()]);
    fs::remove_file(file).unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (proxy, gpgcheck) = said.trim_end().rsplit_once(' ').unwrap();
    assert_eq!(
        decoded(proxy),
        decoded(node().https_proxy.as_ref().unwrap()),
        "{:?}",
        output.stderr
    );
    assert_eq!(gpgcheck, "False");
}

/// The units of both: `EnvironmentFile=-/etc/default/%N`, where `%N` is the name of the unit without its suffix.
///
/// <https://github.com/k3s-io/k3s/blob/master/install.sh>,
/// <https://github.com/rancher/rke2/tree/master/bundle/lib/systemd/system>
#[test]
fn the_units_of_k3s_and_rke2_read_the_files() {
    for (format, units) in [
        (Format::K3s, ["k3s", "k3s-agent"]),
        (Format::Rke2, ["rke2-server", "rke2-agent"]),
    ] {
        let tree = written(&node(), format);
        let lines: Vec<Vec<&str>> = tree["manifest"].lines().map(|line| line.split(' ').collect()).collect();
        for unit in units {
            let line = [
                "block",
                &format!("etc/default/{unit}"),
                "0600",
                &format!("{unit}.service"),
            ]
            .map(str::to_owned);
            assert!(lines.iter().any(|words| *words == line), "{lines:?}");
        }
    }
}

/// Butane 0.27 and Ignition 3.4: <https://github.com/coreos/butane/blob/main/base/v0_5/schema.go> (`File`, `Resource`),
/// <https://github.com/coreos/ignition/blob/main/config/v3_4/types/path.go> (absolute and clean),
/// <https://github.com/coreos/ignition/blob/main/config/v3_4/types/mode.go> (at most 07777; special bits are a warning). A path
/// may be there once.
#[test]
fn butane_gets_files_that_it_accepts() {
    let units = ["--unit", "docker", "--unit", "docker.service", "--unit", "kubelet"];
    for more in [&["--variant", "flatcar"][..], &["--variant", "fcos"], &units] {
        let args = arguments(Format::Butane, more);
        let node = NodeProxy::of(&args, &mut Vec::new()).unwrap();
        let config = yaml(&files(&node, &args, &mut Vec::new()).unwrap()[0].content).remove(0);
        assert_eq!(fields(&config), ["storage", "variant", "version"]);
        assert_eq!(fields(&config["storage"]), ["files"]);
        let known = [["flatcar", "1.1.0"], ["fcos", "1.5.0"]];
        assert!(known.contains(&[&config["variant"], &config["version"]].map(|value| value.as_str().unwrap())));
        let mut paths = Vec::new();
        for file in config["storage"]["files"].as_array().unwrap() {
            assert!(
                fields(file)
                    .iter()
                    .all(|field| ["append", "contents", "mode", "path"].contains(field))
            );
            let path = file["path"].as_str().unwrap();
            let is_clean = path.split('/').skip(1).all(|part| !["", ".", ".."].contains(&part));
            assert!(path.starts_with('/') && is_clean && !paths.contains(&path), "{path}");
            paths.push(path);
            assert!(
                file["mode"].is_null() || [0o600, 0o644].contains(&file["mode"].as_u64().unwrap()),
                "{path}"
            );
            let resources = file["append"].as_array().into_iter().flatten();
            let resources: Vec<&Value> = resources.chain(file.get("contents")).collect();
            assert_eq!(resources.len(), 1, "{path}");
            assert_eq!(fields(resources[0]), ["inline"], "{path}");
        }
    }
}

/// <https://github.com/bottlerocket-os/bottlerocket-settings-sdk/tree/develop/bottlerocket-settings-models>, version 0.6 and later:
/// `NetworkSettingsV1` (a URL by the crate `url`; entries on a single line), `PkiSettingsV1` (names of letters, digits and `-`, at
/// most 76; base64 of PEM).
#[test]
fn bottlerocket_gets_what_its_settings_accept() {
    let table: toml::Table = document(&node(), Format::Bottlerocket).parse().unwrap();
    let document: Value = serde_json::to_value(table).unwrap();
    assert_eq!(fields(&document), ["settings"]);
    let settings = &document["settings"];
    assert_eq!(fields(settings), ["network", "pki"]);
    assert_eq!(fields(&settings["network"]), ["https-proxy", "no-proxy"]);
    // It keeps what the crate makes of the URL.
    let url = settings["network"]["https-proxy"].as_str().unwrap();
    let kept = url::Url::parse(url).unwrap().to_string();
    let expected = url::Url::parse(node().https_proxy.as_ref().unwrap())
        .unwrap()
        .to_string();
    assert_eq!(decoded(&kept), decoded(&expected));
    // Its template escapes these in the list.
    for entry in settings["network"]["no-proxy"].as_array().unwrap() {
        assert!(
            !entry
                .as_str()
                .unwrap()
                .contains(['\n', '&', '<', '>', '"', '\'', '=', '`']),
            "{entry}"
        );
    }
    for (name, bundle) in settings["pki"].as_object().unwrap() {
        assert!(name.len() <= 76 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        assert_eq!(fields(bundle), ["data", "trusted"]);
    }
}

/// The cluster's network operator: <https://github.com/openshift/cluster-network-operator/blob/master/pkg/controller/proxyconfig/validation.go>
/// and <https://github.com/openshift/cluster-network-operator/blob/master/pkg/util/validation/network.go>. An entry is an address, a
/// network, or a name by RFC 1123 in lower case with or without a leading dot; `*` stands alone.
#[test]
fn openshift_gets_what_its_operator_accepts() {
    let mut node = node();
    let odd = [
        "a_b",
        "a:80",
        "Ex.Com.",
        "xn--a",
        "1.2.3.4:80",
        ".a-b.C",
        "_a.b",
        "10.1.2.3",
        "::ffff:10.0.0.1",
        "fd00::1",
    ];
    node.no_proxy.extend(odd.map(str::to_owned));
    let document = yaml(&document(&node, Format::Openshift));
    let [config_map, proxy] = &document[..] else {
        panic!("two objects");
    };
    assert_eq!(
        fields(&proxy["spec"]),
        ["httpProxy", "httpsProxy", "noProxy", "trustedCA"]
    );
    assert_eq!(config_map["metadata"]["namespace"], "openshift-config");
    assert_eq!(config_map["metadata"]["name"], proxy["spec"]["trustedCA"]["name"]);
    assert_eq!(fields(&config_map["data"]), ["ca-bundle.crt"]);
    assert!(proxy["spec"]["httpProxy"].as_str().unwrap().starts_with("http://"));
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(known) && !label.starts_with('-') && !label.ends_with('-')
    };
    let entries: Vec<&str> = proxy["spec"]["noProxy"].as_str().unwrap().split(',').collect();
    for entry in &entries {
        let is_address = entry.parse::<std::net::IpAddr>().is_ok() || entry.parse::<ipnet::IpNet>().is_ok();
        let name = entry.strip_prefix('.').unwrap_or(entry);
        assert!(
            is_address || (name.len() <= 253 && name.split('.').all(is_label)),
            "{entry}"
        );
    }
    for entry in ["ex.com", "xn--a", ".a-b.c", "10.1.2.3", ".corp.example.com"] {
        assert!(entries.contains(&entry), "{entry}");
    }
}
