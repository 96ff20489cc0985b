//! Which protocol a destination has, and whether an HTTP proxy carries it.

use clients::Scheme;

use crate::scan::Found;

/// How requests reach a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// What an HTTP proxy carries.
    Http(Scheme),
    /// A bare `host:port`: it may be HTTP.
    Unknown,
    /// Clients of this protocol use no HTTP proxy.
    Other,
}

/// The usual ports of protocols that are not HTTP: of mail, directories, databases, queues, caches, logs.
const OTHER_PORTS: [u16; 50] = [
    21, 22, 25, 53, 88, 110, 123, 139, 143, 161, 389, 445, 465, 514, 587, 636, 873, 993, 995, 1433, 1521, 1883, 2049,
    2181, 3268, 3306, 3389, 4222, 5044, 5432, 5433, 5671, 5672, 6379, 6380, 6432, 6650, 6831, 7000, 7687, 8125, 8883,
    9042, 9092, 9093, 9094, 11211, 24224, 26379, 27017,
];

/// Parts of names of variables whose destinations are not HTTP.
const OTHER_NAMES: [&str; 16] = [
    "kafka",
    "bootstrap_servers",
    "broker",
    "redis",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "amqp",
    "rabbit",
    "smtp",
    "ldap",
    "memcached",
    "zookeeper",
    "cassandra",
    "nats",
];

impl Protocol {
    /// Tells by the scheme; for a bare destination by the port, and by the variable that holds it.
    pub(crate) fn of(found: &Found, variable: Option<&str>) -> Self {
        let Some(scheme) = found.scheme.as_deref() else {
            let port = found.port.as_deref().and_then(|port| port.parse().ok());
            let variable = variable.unwrap_or_default().to_ascii_lowercase();
            let is_other = port.is_some_and(|port| OTHER_PORTS.contains(&port))
                || OTHER_NAMES.iter().any(|part| variable.contains(part));
            return if is_other { Protocol::Other } else { Protocol::Unknown };
        };
        // git+https, s3+http
        match scheme.rsplit('+').next().unwrap_or(scheme) {
            "http" | "ws" => Protocol::Http(Scheme::Http),
            // gRPC asks for the proxy of https, with TLS or without.
            "https" | "wss" | "grpc" | "grpcs" => Protocol::Http(Scheme::Https),
            _ => Protocol::Other,
        }
    }
}
