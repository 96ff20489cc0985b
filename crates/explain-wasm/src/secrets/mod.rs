//! What no share link and no draft may hold: passwords, tokens, private keys and Secrets, wherever they are on the page.
//!
//! Documents decide where they can be read: a value counts as the cluster would read it, in any spelling. Lines also decide, because comments and broken documents hold secrets too. In doubt it is a secret: a refused link costs a moment, a password in a chat
//! more.

mod assignments;
mod base64;
mod names;
mod text;
mod user_info;
mod values;

use serde::Serialize;

use crate::state::{OBJECTS, SETTINGS, State};

/// Something that may be a secret. It never quotes what it found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Secret {
    /// The field of the page, as in [`State`].
    pub field: &'static str,
    /// From 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// Everything in the fields of the page that may be a secret, in the order of the page, one for each line.
pub fn find(state: &State) -> Vec<Secret> {
    let mut found = Vec::new();
    for (field, content) in state.texts() {
        for (line, kind) in in_text(content, [SETTINGS, OBJECTS].contains(&field)) {
            found.push(Secret {
                field,
                line,
                message: kind.message().to_owned(),
            });
        }
    }
    found.dedup_by(|next, first| (next.field, next.line) == (first.field, first.line));
    found
}

/// The lines of a text that may hold a secret, from 1.
fn in_text(content: &str, is_document: bool) -> Vec<(usize, Kind)> {
    let lines = content.lines().enumerate();
    let mut found: Vec<(usize, Kind)> = lines
        .filter_map(|(index, line)| Some((index + 1, text::in_line(line)?)))
        .collect();
    if is_document {
        match documents::parse(content) {
            Ok(documents) => documents
                .iter()
                .for_each(|document| values::in_document(document, &mut found)),
            Err(_) => found.extend(text::in_broken(content)),
        }
    }
    found.sort();
    found
}

/// What kind of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    UserInfo,
    PrivateKey,
    Object,
    Named,
    Credentials,
    Token,
}

impl Kind {
    fn message(self) -> &'static str {
        match self {
            Kind::UserInfo => "a user name or password before @; take it out, or use httpProxyFrom with a Secret",
            Kind::PrivateKey => "a private key; take it out",
            Kind::Object => "a Secret; take the object out",
            Kind::Named => "a value whose name says that it is secret; take the value out, or refer to a Secret",
            Kind::Credentials => "a user name and password, or a header with credentials; take them out",
            Kind::Token => "an access token; take it out",
        }
    }
}

#[cfg(test)]
mod tests;
