//! Real clients, with the variables that the compiled policy gives to a pod, in a sandbox without a network.
//! What they do is checked, and written into pages of `docs`.

mod build;
mod bundle;
mod client;
mod credentials;
mod destination;
mod image;
mod inspection;
mod matrix;
mod no_proxy;
mod observations;
mod origin;
mod page;
mod pod;
mod proxy;
mod rules;
mod sandbox;
mod squid;
mod tables;
mod trusted_ca;
mod variables;
mod web_server;

#[test]
fn clients_bypass_the_proxy_as_the_page_on_clients_says() -> anyhow::Result<()> {
    sandbox::run("clients_bypass_the_proxy_as_the_page_on_clients_says", no_proxy::run)
}

#[test]
fn clients_trust_the_ca_as_the_page_on_it_says() -> anyhow::Result<()> {
    sandbox::run("clients_trust_the_ca_as_the_page_on_it_says", trusted_ca::run)
}

#[test]
fn clients_authenticate_to_the_proxy_as_the_page_on_credentials_says() -> anyhow::Result<()> {
    sandbox::run(
        "clients_authenticate_to_the_proxy_as_the_page_on_credentials_says",
        credentials::run,
    )
}

#[test]
fn clients_load_every_bundle_that_the_policy_accepts() -> anyhow::Result<()> {
    sandbox::run("clients_load_every_bundle_that_the_policy_accepts", bundle::run)
}
