//! The operating systems of pods, and their rules for environment variables.

/// Linux accepts fewer bytes than this in one `NAME=value` string, including its closing NUL (`MAX_ARG_STRLEN`,
/// execve(2)). A container with a longer one does not start.
pub const MAX_VARIABLE_BYTES: usize = 131_072;

/// The same for Windows, in UTF-16 code units.
/// <https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-setenvironmentvariablew>
const MAX_WINDOWS_UNITS: usize = 32_767;

/// The operating system of a pod's nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Os {
    #[default]
    Linux,
    Windows,
}

impl Os {
    /// Whether the system accepts `name=value`.
    pub fn fits(self, name: &str, value: &str) -> bool {
        // Names are ASCII.
        let prefix = name.len() + "=".len();
        match self {
            Os::Linux => prefix + value.len() < MAX_VARIABLE_BYTES,
            Os::Windows => prefix + value.encode_utf16().count() < MAX_WINDOWS_UNITS,
        }
    }

    /// Whether the two names are one variable: Windows ignores their case.
    pub fn same_name(self, one: &str, other: &str) -> bool {
        match self {
            Os::Linux => one == other,
            Os::Windows => one.eq_ignore_ascii_case(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_ends_one_short_of_the_limit() {
        for (os, limit, letter, units) in [
            (Os::Linux, 131_072, "x", 1),
            (Os::Linux, 131_072, "é", 2),
            (Os::Windows, 32_767, "é", 1),
            (Os::Windows, 32_767, "😀", 2),
        ] {
            let longest = letter.repeat((limit - "NAME=".len() - 1) / units);
            assert!(os.fits("NAME", &longest));
            assert!(!os.fits("NAME", &[&longest, letter].concat()));
        }
    }

    #[test]
    fn names_have_a_case_on_linux_alone() {
        assert!(Os::Linux.same_name("NO_PROXY", "NO_PROXY"));
        assert!(!Os::Linux.same_name("NO_PROXY", "no_proxy"));
        assert!(Os::Windows.same_name("NO_PROXY", "No_Proxy"));
        assert!(!Os::Windows.same_name("NO_PROXY", "NO_PROXY2"));
    }
}
