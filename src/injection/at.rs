//! Places in a container's `env`.

/// The place of an entry in the `env` of the request. As the place of new entries it means before that entry, and the
/// number of entries means the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At(pub usize);
