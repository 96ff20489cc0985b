//! The certificate authorities that pods are to trust: the `trustedCa` fields of the settings.

use crate::key_ref::KeyRef;
use crate::values::Bundle;

/// Where the pods' certificate authorities come from.
#[derive(Clone, Debug)]
pub enum TrustedCa<'a> {
    /// `trustedCa`
    Bundle(Bundle),
    /// `trustedCaFrom`
    ConfigMap(KeyRef<'a>),
}

/// `trustedCaUse`: what a container's runtimes are told about the CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedCaUse {
    /// It adds to the roots of the image.
    Append,
    /// It replaces them.
    Replace,
    /// Nothing: it is there as a file.
    Mount,
}

impl TrustedCaUse {
    pub fn parse(choice: &str) -> Option<Self> {
        match choice {
            "Append" => Some(TrustedCaUse::Append),
            "Replace" => Some(TrustedCaUse::Replace),
            "Mount" => Some(TrustedCaUse::Mount),
            _ => None,
        }
    }
}
