//! The reasons and caveats that the policy itself must say, as warnings.

use json::presentable;

use crate::injection::container_plan::ContainerPlan;
use crate::injection::env::Plan;
use crate::injection::names::{JAVA_TOOL_OPTIONS, NO_PROXY};
use crate::injection::reason::{Because, Caveat, Reason};
use crate::injection::trusted_ca::{MOUNT_PATH, MountPlan};
use crate::injection::warnings::Warnings;

/// Adds what the author of a container must know.
pub(super) fn add_advice(warnings: &mut Warnings, plan: &ContainerPlan) {
    let (env, name) = (&plan.env, plan.container.shown_name());
    let mount = of_mount(plan.mount).map(str::to_owned);
    let no_proxy = of_no_proxy(&env.no_proxy).map(str::to_owned);
    let of_caveats = env.caveats.iter().map(of_caveat);
    let all = mount
        .into_iter()
        .chain(of_caveats)
        .chain(no_proxy)
        .chain(of_java(&env.java));
    warnings.extend(all.map(|warning| format!("container {name}: {warning}")));
}

fn of_mount(plan: MountPlan) -> Option<&'static str> {
    const _: () = assert!(MOUNT_PATH.len() == "/etc/http-proxy/trusted-ca".len());
    match plan {
        MountPlan::Leave(Reason::MountInTheWay, _) => Some(
            "does not get the trusted CA, because it mounts a volume at, above or below /etc/http-proxy/trusted-ca; mount that volume \
             elsewhere",
        ),
        MountPlan::Leave(Reason::DeviceInTheWay, _) => Some(
            "does not get the trusted CA, because it has a block device at, above or below /etc/http-proxy/trusted-ca; move the device",
        ),
        MountPlan::Covered(_) => Some(
            "something was mounted at, above or below /etc/http-proxy/trusted-ca after the policy had processed the pod",
        ),
        _ => None,
    }
}

fn of_no_proxy(plan: &Plan) -> Option<&'static str> {
    let warning =
        "NO_PROXY is not changed, because its new value would be longer than the operating system allows; shorten it";
    matches!(plan, Plan::Leave(Reason::TooLong)).then_some(warning)
}

fn of_java(plan: &Plan) -> Option<String> {
    let warning = match plan {
        Plan::Leave(Reason::Hidden(_)) => {
            "is not changed, because valueFrom sets it; add the proxy options to its source"
        }
        Plan::Leave(Reason::EnvFrom) => "is not set, because it could hide a value from envFrom; set it in env",
        Plan::Leave(Reason::TooLongForJava) => {
            "is not changed, because the proxy options would make it longer than JDK 8 accepts; shorten it"
        }
        _ => return None,
    };
    Some(format!("{JAVA_TOOL_OPTIONS} {warning}"))
}

fn of_caveat(caveat: &Caveat) -> String {
    let list = NO_PROXY.upper();
    match caveat {
        Caveat::Unresolved {
            variable,
            name,
            because,
        } => of_unresolved(variable, presentable(name), because),
        Caveat::AtTheEnd { name, because } => match because {
            Because::Hidden(hidden) => format!(
                "$({name}) cannot be resolved, because the list refers to {hidden}, which is defined later in env, with valueFrom; move \
                 {hidden} to the start of env",
                hidden = presentable(hidden)
            ),
            Because::Budget => format!(
                "$({name}) cannot be resolved, because the list refers to too much that is defined later in env; move {list} to the end \
                 of env"
            ),
            Because::Itself => {
                format!("$({name}) cannot be resolved, because the list refers to itself; remove one of the references")
            }
        },
        Caveat::WhiteSpace(_) => format!(
            "{list} has an entry with white space in it, which matches no host; separate the entries with commas"
        ),
        Caveat::LeftOutOfJava(count) => format!(
            "{count} entries of {list} are omitted from {JAVA_TOOL_OPTIONS}, because they would make it longer than JDK 8 accepts; \
             shorten noProxy"
        ),
        Caveat::SetLater(name) => format!("{name} was set after the policy had processed the pod"),
    }
}

fn of_unresolved(variable: &str, name: &str, because: &Because) -> String {
    match because {
        Because::Hidden(hidden) => format!(
            "$({name}) in {variable} cannot be resolved, because {hidden} is defined later in env, with valueFrom; move it to the start \
             of env",
            hidden = presentable(hidden)
        ),
        Because::Budget | Because::Itself => format!(
            "$({name}) in {variable} cannot be resolved, because its value refers to too much that is defined later in env; move {name} \
             to the start of env"
        ),
    }
}
