//! The names of the variables that the policy sets.

/// The two names of a variable, in upper and lower case. They are set together, because clients disagree about which
/// one they read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pair([&'static str; 2]);

pub(crate) static HTTP_PROXY: Pair = Pair(["HTTP_PROXY", "http_proxy"]);
pub(crate) static HTTPS_PROXY: Pair = Pair(["HTTPS_PROXY", "https_proxy"]);
pub(crate) static NO_PROXY: Pair = Pair(["NO_PROXY", "no_proxy"]);
/// Never set by the policy. Every client prefers `HTTP_PROXY` and `HTTPS_PROXY`.
pub(crate) static ALL_PROXY: Pair = Pair(["ALL_PROXY", "all_proxy"]);

impl Pair {
    /// The two names, upper case first.
    pub(crate) fn names(&'static self) -> &'static [&'static str] {
        &self.0
    }

    pub(crate) fn upper(&self) -> &'static str {
        self.0[0]
    }

    pub(crate) fn lower(&self) -> &'static str {
        self.0[1]
    }

    /// Whether it has this name, in this case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

/// With the value `1`, Node's `fetch` and `http` read the proxy variables.
/// <https://nodejs.org/api/cli.html#node_use_env_proxy1>
pub(crate) const NODE_USE_ENV_PROXY: &str = "NODE_USE_ENV_PROXY";

/// Options that every JVM picks up.
/// <https://docs.oracle.com/en/java/javase/21/troubleshoot/environment-variables-and-system-properties.html>
pub(crate) const JAVA_TOOL_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// The variables that point runtimes to a CA that adds to the roots of the image.
pub(crate) const APPENDED_CA: [&str; 3] = ["SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "DENO_CERT"];

/// The variables that point runtimes to a CA that replaces the roots of the image.
pub(crate) const REPLACED_CA: [&str; 10] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
];

/// The purpose of a variable that the policy sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The URL of a proxy.
    Proxy,
    NoProxy,
    JavaToolOptions,
    NodeUseEnvProxy,
    /// A path of the trusted CA.
    TrustedCa,
}

impl Kind {
    /// The purpose of a variable of this name. Case is ignored, as on Windows, except for the CA's variables, which
    /// Windows pods do not get.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let is = |pair: &Pair| name.eq_ignore_ascii_case(pair.upper());
        if is(&HTTP_PROXY) || is(&HTTPS_PROXY) {
            Some(Kind::Proxy)
        } else if is(&NO_PROXY) {
            Some(Kind::NoProxy)
        } else if name.eq_ignore_ascii_case(JAVA_TOOL_OPTIONS) {
            Some(Kind::JavaToolOptions)
        } else if name.eq_ignore_ascii_case(NODE_USE_ENV_PROXY) {
            Some(Kind::NodeUseEnvProxy)
        } else if APPENDED_CA.contains(&name) || REPLACED_CA.contains(&name) {
            Some(Kind::TrustedCa)
        } else {
            None
        }
    }

    /// Whether the policy extends the value of a container that sets such a variable.
    pub(crate) fn is_extended(self) -> bool {
        matches!(self, Kind::NoProxy | Kind::JavaToolOptions)
    }

    /// The container's own part of an extended value, `bytes` long: the beginning of `NO_PROXY`, the end of
    /// `JAVA_TOOL_OPTIONS`.
    pub(crate) fn own_part(self, value: &str, bytes: usize) -> Option<&str> {
        if self == Kind::JavaToolOptions {
            value.get(value.len().checked_sub(bytes)?..)
        } else {
            value.get(..bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_kind_whatever_its_case_but_for_the_ca() {
        for (name, kind) in [
            ("HTTP_PROXY", Some(Kind::Proxy)),
            ("https_Proxy", Some(Kind::Proxy)),
            ("no_proxy", Some(Kind::NoProxy)),
            ("Java_Tool_Options", Some(Kind::JavaToolOptions)),
            ("NODE_USE_ENV_PROXY", Some(Kind::NodeUseEnvProxy)),
            ("SSL_CERT_DIR", Some(Kind::TrustedCa)),
            ("CURL_CA_BUNDLE", Some(Kind::TrustedCa)),
            ("ssl_cert_dir", None),
            ("ALL_PROXY", None),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }
}
