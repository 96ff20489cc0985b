//! The certificate authorities for pods to trust.

mod bundle;
mod certificate;
#[cfg(test)]
mod openssl;
mod subject_hash;
#[cfg(test)]
mod tests;
mod wrapping;

pub use bundle::Bundle;
