//! What destinations and clients are called.

use crate::location::{AddressOf, Location};

/// Where an entry is from: `Service shop/api`.
pub(super) fn source(location: &Location) -> String {
    match location {
        Location::Short(name) => format!("Service {}/{}", name.namespace, name.service),
        Location::Full { .. } => "names of Services".to_owned(),
        Location::Node => "the name of a node".to_owned(),
        Location::ThisHost => "this host".to_owned(),
        Location::Address(_, of) => match of {
            AddressOf::Service((namespace, name)) => format!("cluster IP of Service {namespace}/{name}"),
            AddressOf::ServiceNetwork => "an address of the service network".to_owned(),
            AddressOf::Pods => "an address of the pod networks".to_owned(),
            AddressOf::Node(name) => format!("address of node {name}"),
            AddressOf::ApiServer => "the API server".to_owned(),
            AddressOf::OutsideOfService((namespace, name)) => {
                format!("external address of Service {namespace}/{name}")
            }
            AddressOf::OutsideOfNode(name) => format!("external address of node {name}"),
            AddressOf::Private => "a private address".to_owned(),
        },
        Location::UnknownName { .. } => "a name that the input does not explain".to_owned(),
    }
}

/// What a destination is, as the start of a sentence.
pub(super) fn described(location: &Location) -> String {
    match location {
        Location::Short(name) if name.peer.is_empty() => {
            format!(
                "A short name of Service {}/{}, which only the cluster resolves",
                name.namespace, name.service
            )
        }
        Location::Short(name) => {
            format!(
                "A short name of a pod of Service {}/{}, which only the cluster resolves",
                name.namespace, name.service
            )
        }
        Location::Full { .. } => "A name in the cluster".to_owned(),
        Location::UnknownName { why } => why.clone(),
        Location::Node => "The name of a node".to_owned(),
        Location::ThisHost => "This host itself".to_owned(),
        Location::Address(_, of) => match of {
            AddressOf::Service((namespace, name)) => format!("The cluster IP of Service {namespace}/{name}"),
            AddressOf::ServiceNetwork => "An address of the service network".to_owned(),
            AddressOf::Pods => "An address of a pod".to_owned(),
            AddressOf::Node(name) => format!("An address of node {name}"),
            AddressOf::ApiServer => "An address of the API server".to_owned(),
            AddressOf::OutsideOfService((namespace, name)) => {
                format!("An external address of Service {namespace}/{name}")
            }
            AddressOf::OutsideOfNode(name) => format!("An external address of node {name}"),
            AddressOf::Private => "A private address".to_owned(),
        },
    }
}

/// `wget, urllib and LWP`. A client that is another's with an option, as `axios, switch`, is `axios (switch)`.
pub(super) fn enumerated(names: &[&str]) -> String {
    let name = |name: &&str| match name.split_once(", ") {
        Some((client, option)) => format!("{client} ({option})"),
        None => (*name).to_owned(),
    };
    let names: Vec<String> = names.iter().map(name).collect();
    match &names[..] {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
