//! What could not be judged, in sentences.

use std::collections::BTreeMap;
use std::net::IpAddr;

use explain::text::counted;
use http_proxy_policy::companion::ProxySource;
use ipnet::IpNet;

use crate::assumptions::Assumptions;
use crate::dump::Dump;
use crate::findings::{Context, Findings};
use crate::pods::Pods;
use crate::report::Object;
use crate::suggestions;

/// Kinds without which something is unknown, and what that is.
const NEEDED: [(&str, &str); 6] = [
    (
        "Node",
        "no nodes in the input: pod networks and addresses of nodes unknown; add nodes",
    ),
    (
        "Service",
        "no services in the input: short names and cluster IPs unknown; add services",
    ),
    (
        "Namespace",
        "no namespaces in the input: their labels were assumed to be absent; add namespaces",
    ),
    (
        "ConfigMap",
        "no configmaps in the input: what containers take from them is unknown; add configmaps",
    ),
    (
        "ServiceCIDR",
        "no servicecidrs in the input: the service network is unknown; add servicecidrs (Kubernetes 1.33 and later)",
    ),
    (
        "EndpointSlice",
        "no endpointslices in the input: addresses of the API server unknown; add endpointslices",
    ),
];

/// All sentences, what the input lacks first.
pub(crate) fn sentences(
    dump: &Dump,
    context: &Context,
    findings: &Findings,
    pods: &BTreeMap<Object, usize>,
    assumptions: &Assumptions,
) -> Vec<String> {
    let mut sentences: Vec<String> = dump.unread.clone();
    sentences.extend(assumptions.sentences());
    let missing = NEEDED.iter().filter(|(kind, _)| !dump.kinds.contains_key(*kind));
    sentences.extend(missing.map(|(_, sentence)| (*sentence).to_owned()));
    if dump.pods.count == 0 {
        sentences.push("no pods in the input: only what workloads would create was judged; add pods".to_owned());
    }
    let workloads = ["Deployment", "StatefulSet", "DaemonSet", "CronJob"];
    if workloads.iter().all(|kind| !dump.kinds.contains_key(*kind)) {
        sentences.push("no workloads in the input: those without a pod now are unknown; add deployments, statefulsets, daemonsets, cronjobs".to_owned());
    }
    sentences.extend(left_out(dump));
    sentences.push("addresses in code, in images, and in files of volumes other than ConfigMaps".to_owned());
    sentences.push("host names without a scheme or a port".to_owned());
    sentences.extend(from_secrets(findings));
    let of_secret = |source: &Option<ProxySource>| matches!(source, Some(ProxySource::Secret { .. }));
    let settings = || context.settings.values().map(|settings| &settings.effective);
    if dump.secrets.is_empty()
        && settings().any(|effective| of_secret(&effective.http_proxy) || of_secret(&effective.https_proxy))
    {
        sentences
            .push("whether each namespace has the Secret that the settings name: no secrets in the input".to_owned());
    }
    if settings().all(|effective| effective.trusted_ca.is_none()) {
        sentences.push("whether the proxy inspects TLS: the settings have no trustedCa".to_owned());
    }
    sentences.extend(fewer_pods(dump, pods));
    sentences.extend(networks_of_ipv6(dump));
    sentences
}

/// Variables whose values only Secrets have.
fn from_secrets(findings: &Findings) -> Option<String> {
    let (object, names) = findings.from_secrets.iter().next()?;
    let example = names.first().map(String::as_str).unwrap_or_default();
    Some(match findings.from_secrets.values().map(Vec::len).sum() {
        1 => format!("1 variable that comes from a Secret: {example} of {object}"),
        count => format!("{count} variables that come from Secrets, such as {example} of {object}"),
    })
}

/// Pods that do not count.
fn left_out(dump: &Dump) -> impl Iterator<Item = String> {
    let pods = |count, what: &str, of: &str| (count > 0).then(|| format!("{} that {what}{of}", counted(count, "pod")));
    let Pods { finished, repeated, .. } = dump.pods;
    let are = if repeated == 1 { "is" } else { "are" };
    let have = if finished == 1 { "has" } else { "have" };
    [
        pods(finished, have, " finished"),
        pods(repeated, are, " in the input again: the first counts"),
    ]
    .into_iter()
    .flatten()
}

/// What is not suggested of IPv6.
fn networks_of_ipv6(dump: &Dump) -> Option<String> {
    let networks = dump.service_networks.iter().chain(&dump.pod_networks);
    let networks: Vec<String> = networks
        .filter(|network| matches!(network, IpNet::V6(_)))
        .map(ToString::to_string)
        .collect();
    let nodes = dump.nodes.values().flatten().any(IpAddr::is_ipv6);
    let left_out = match (&networks[..], nodes && !suggestions::lists_nodes(dump)) {
        ([], false) if dump.pods.addresses.iter().any(IpAddr::is_ipv6) => "that of the pods".to_owned(),
        ([], false) => return None,
        ([], true) => "that of the nodes".to_owned(),
        ([only], false) => only.clone(),
        ([first, ..], false) => format!("{first} and {} more", networks.len() - 1),
        ([first, ..], true) => format!("{first}, {} more, and that of the nodes", networks.len() - 1),
    };
    Some(format!(
        "networks of IPv6 are not suggested ({left_out}): httpx fails at every request with one in NO_PROXY; if no container uses it, add them \
         for programs that call addresses"
    ))
}

/// Workloads that want more pods than the input has.
fn fewer_pods(dump: &Dump, pods: &BTreeMap<Object, usize>) -> Option<String> {
    let wanting = dump.workloads.iter().filter_map(|(object, workload)| {
        let wanted = usize::try_from(workload.replicas).ok()?;
        let there = *pods.get(object)?;
        (0 < there && there < wanted).then(|| format!("{} of the {wanted} pods of {object}", wanted - there))
    });
    let wanting: Vec<String> = wanting.collect();
    let first = wanting.first()?;
    let others = match wanting.len() - 1 {
        0 => String::new(),
        others => format!(", and of {others} other workloads"),
    };
    Some(format!("{first}{others}: not there yet"))
}
