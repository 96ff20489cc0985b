//! What is measured: the policy, and the two that it stands between.

use anyhow::{Error, Result, ensure};
use host::meter::{Cost, Meter};
use host::policy::Policy;
use serde_json::Value;
use testkit::VARIABLES;
use testkit::cases::Case;

/// Who is measured, in the order of all tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Floor,
    Policy,
    Reference,
}

/// A module, ready to be timed and to be counted.
pub struct Candidate {
    pub role: Role,
    pub module: Vec<u8>,
    pub policy: Policy,
    meter: Meter,
}

/// The settings that the typed reference knows.
const REFERENCE_SETTINGS: [&str; 3] = ["httpProxy", "httpsProxy", "noProxy"];

impl Candidate {
    pub fn new(role: Role, module: Vec<u8>) -> Result<Self> {
        Ok(Candidate {
            role,
            policy: Policy::compile(&module)?,
            meter: Meter::new(&module).map_err(Error::msg)?,
            module,
        })
    }

    /// Whether it does what the case asks for; what does less would be no measure.
    pub fn does(&self, case: &Case) -> bool {
        let known = |field: &String| REFERENCE_SETTINGS.contains(&field.as_str());
        self.role != Role::Reference
            || case
                .settings
                .as_object()
                .is_some_and(|settings| settings.keys().all(known))
    }

    /// Counts a call's instructions, once it is sure that the answer is the right one.
    pub fn count(&self, case: &Case) -> Result<Cost> {
        let cost = self.meter.call("validate", &case.payload()).map_err(Error::msg)?;
        let answer: Value = serde_json::from_slice(&cost.answer)?;
        let proxied = case.mutates && self.role != Role::Floor;
        ensure!(
            answer["accepted"] == true && has_variables(&answer["mutated_object"]) == proxied,
            "{}: {:?} answers otherwise than it should: {}",
            case.name,
            self.role,
            answer["message"]
        );
        Ok(cost)
    }
}

/// Whether each container of the pod has the six variables.
fn has_variables(pod: &Value) -> bool {
    let named = |variable: &Value, name: &str| variable["name"] == name;
    let has_all = |container: &Value| {
        let env = container["env"].as_array();
        env.is_some_and(|env| {
            VARIABLES
                .iter()
                .all(|name| env.iter().any(|variable| named(variable, name)))
        })
    };
    let containers = pod["spec"]["containers"].as_array();
    containers.is_some_and(|containers| containers.iter().all(has_all))
}
