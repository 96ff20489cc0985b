//! What is measured: the policy, and what it stands between.

use anyhow::{Error, Result, ensure};
use host::meter::{Cost, Meter};
use host::policy::Policy;
use serde_json::Value;
use testkit::VARIABLES;
use testkit::cases::Case;

use crate::floor;

/// Who is measured, in the order of all tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Floor,
    Policy,
    Reference,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Floor, Role::Policy, Role::Reference];

    pub fn name(self) -> &'static str {
        ["ready-made answer", "this policy", "typed"][self as usize]
    }
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

    /// The answer to a case, ready-made.
    pub fn floor(&self, case: &Case) -> Result<Self> {
        let answer = self.policy.call("validate", &case.payload())?.bytes;
        Candidate::new(Role::Floor, floor::module(&answer, case.payload().len())?)
    }

    /// Whether it does what the case asks for. A comparison with less would say nothing.
    fn does(&self, case: &Case) -> bool {
        let known = |field: &String| REFERENCE_SETTINGS.contains(&field.as_str());
        let settings = case.settings.as_object();
        self.role != Role::Reference || settings.is_some_and(|settings| settings.keys().all(known))
    }

    /// Counts a call's instructions, once it is sure that the answer is the right one.
    pub fn count(&self, case: &Case) -> Result<Cost> {
        let cost = self.meter.call("validate", &case.payload()).map_err(Error::msg)?;
        let answer: Value = serde_json::from_slice(&cost.answer)?;
        ensure!(
            answer["accepted"] == true && has_variables(&answer["mutated_object"]) == case.mutates,
            "{}: {:?} answers otherwise than it should: {}",
            case.name,
            self.role,
            answer["message"]
        );
        Ok(cost)
    }
}

/// Those that do what a case asks for, the ready-made answer first.
pub fn able<'c>(floor: &'c Candidate, others: &'c [Candidate], case: &Case) -> Vec<&'c Candidate> {
    let all = std::iter::once(floor).chain(others);
    all.filter(|candidate| candidate.does(case)).collect()
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
