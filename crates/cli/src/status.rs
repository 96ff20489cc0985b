//! The exit statuses of all commands. 0: done, and nothing found.

/// The command found what it looks for: a problem (`check`), a destination that is not reached (`probe`).
pub const FOUND: u8 = 1;
/// `from-aks --strict`: something was corrected or omitted.
pub const CHANGED: u8 = 2;
/// The command cannot do its work: it is called wrongly, or a file cannot be read or written, or the settings have problems.
pub const CANNOT: u8 = 3;
