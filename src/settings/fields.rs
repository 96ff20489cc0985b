//! The fields of the settings.

/// A field of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettingsField {
    /// At the top level and in profiles.
    Config(ConfigField),
    /// At the top level only.
    General(GeneralField),
    Profiles,
}

/// A field that the top level and profiles have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConfigField {
    Enabled,
    HttpProxy,
    HttpProxyFrom,
    HttpsProxy,
    HttpsProxyFrom,
    NoProxy,
    NoProxyDefaults,
    Runtimes,
    TrustedCa,
    TrustedCaFrom,
    TrustedCaUse,
    TrustStorePassword,
    /// What AKS computes from the document and `az aks show` prints.
    Computed,
}

/// A field that is the same for all pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneralField {
    ClusterDomain,
    ExcludeContainers,
    ExistingVariables,
    ExpandCidrs,
    Mode,
    ProxyEnvFrom,
}

/// The names of a profile's fields, in the order of the documentation.
pub(super) fn profile_fields() -> Vec<&'static str> {
    let is_config = |name: &&str| matches!(SettingsField::of_name(name), Some(SettingsField::Config(_)));
    let of_config = FIELDS.iter().copied().filter(is_config);
    ["name", "match"].into_iter().chain(of_config).collect()
}

/// Generates [`FIELDS`], which the documentation and Rancher's form describe, and [`SettingsField::of_name`] from one
/// list.
macro_rules! settings_fields {
    ($($name:literal => $field:expr,)* aks: $($aks_name:literal => $aks_field:expr,)*) => {
        /// The names of all fields, in the order of the documentation.
        pub const FIELDS: &[&str] = &[$($name),*];

        impl SettingsField {
            /// The field of this name, including AKS's other names.
            pub(super) fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some($field),)*
                    $($aks_name => Some($aks_field),)*
                    _ => None,
                }
            }
        }
    };
}

settings_fields! {
    "httpProxy" => SettingsField::Config(ConfigField::HttpProxy),
    "httpsProxy" => SettingsField::Config(ConfigField::HttpsProxy),
    "noProxy" => SettingsField::Config(ConfigField::NoProxy),
    "trustedCa" => SettingsField::Config(ConfigField::TrustedCa),
    "enabled" => SettingsField::Config(ConfigField::Enabled),
    "httpProxyFrom" => SettingsField::Config(ConfigField::HttpProxyFrom),
    "httpsProxyFrom" => SettingsField::Config(ConfigField::HttpsProxyFrom),
    "noProxyDefaults" => SettingsField::Config(ConfigField::NoProxyDefaults),
    "clusterDomain" => SettingsField::General(GeneralField::ClusterDomain),
    "expandCidrs" => SettingsField::General(GeneralField::ExpandCidrs),
    "existingVariables" => SettingsField::General(GeneralField::ExistingVariables),
    "proxyEnvFrom" => SettingsField::General(GeneralField::ProxyEnvFrom),
    "excludeContainers" => SettingsField::General(GeneralField::ExcludeContainers),
    "trustedCaFrom" => SettingsField::Config(ConfigField::TrustedCaFrom),
    "trustedCaUse" => SettingsField::Config(ConfigField::TrustedCaUse),
    "trustStorePassword" => SettingsField::Config(ConfigField::TrustStorePassword),
    "runtimes" => SettingsField::Config(ConfigField::Runtimes),
    "profiles" => SettingsField::Profiles,
    "mode" => SettingsField::General(GeneralField::Mode),
    aks:
    "trustedCA" => SettingsField::Config(ConfigField::TrustedCa),
    "effectiveNoProxy" => SettingsField::Config(ConfigField::Computed),
    "effectiveNoProxyUrls" => SettingsField::Config(ConfigField::Computed),
}
