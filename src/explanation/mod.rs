//! What the policy decides for a request, and why: the same plans that it writes, in words. Not part of the WebAssembly module.

mod sentences;
#[cfg(test)]
mod tests;
mod walk;

use serde::Serialize;
pub use values::Os;

use crate::policy::decide;

/// What the policy decides for a payload `{"request": …, "settings": …}`, and why.
///
/// Never fails: a payload that cannot be read is rejected, with the reason.
pub fn explain(payload: &[u8]) -> Explanation {
    let Ok(text) = std::str::from_utf8(payload) else {
        return Explanation::of_whole("the request is not UTF-8".to_owned());
    };
    decide(text, walk::explanation).unwrap_or_else(|fault| Explanation::of_whole(fault.message(text).1))
}

/// What the policy decides, and why.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Why the object as a whole is unchanged or rejected; `None` where its containers were decided.
    pub reason: Option<String>,
    /// Which settings apply; `None` where that was not decided.
    pub profile: Option<ChosenProfile>,
    /// The containers, init containers first.
    pub containers: Vec<ContainerExplanation>,
    /// The entries of `NO_PROXY` that the policy has for the pod, before references are resolved.
    #[serde(skip)]
    pub no_proxy: String,
}

/// The settings that apply to a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChosenProfile {
    /// `None` for the top-level settings.
    pub name: Option<String>,
    /// What chose it: `match.namespaces[0]`, or an annotation.
    pub because: String,
}

/// What one container gets, and why.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerExplanation {
    pub name: String,
    /// `container`, `initContainer` or `ephemeralContainer`.
    pub kind: &'static str,
    /// [`Outcome::Changed`] or [`Outcome::Unchanged`].
    pub outcome: Outcome,
    /// A reason for all parts of the container.
    pub reason: Option<String>,
    pub variables: Vec<VariableExplanation>,
    pub trusted_ca: PartExplanation,
    /// Of the pod's nodes.
    #[serde(skip)]
    pub os: Os,
    /// Whether `excludeContainers` or an annotation of the pod keeps the policy away from it.
    #[serde(skip)]
    pub is_excluded: bool,
}

/// What happens to one variable.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VariableExplanation {
    pub name: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
}

/// What happens to a part of a container other than a variable.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartExplanation {
    pub outcome: Outcome,
    pub reason: Option<String>,
}

/// What happens to a container or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Of a container: something in it changes.
    Changed,
    /// Of a container: nothing in it changes.
    Unchanged,
    /// The policy's value is there.
    Set,
    /// The policy's entries follow the container's own.
    Extended,
    /// The policy's value stands where the container's own did.
    Replaced,
    /// The container's own stays.
    Kept,
    /// There is none.
    NotSet,
    /// What the policy set before is taken out.
    Removed,
}

impl Explanation {
    /// One reason for the whole object.
    fn of_whole(reason: String) -> Self {
        Explanation {
            reason: Some(reason),
            ..Explanation::default()
        }
    }
}
