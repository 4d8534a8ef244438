//! Variables that are to name a proxy and name none. The library passes over them in silence, and the API is then asked
//! without one.

use super::problem::{Findings, Place};
use hyper_util::client::proxy::matcher::Matcher;
use std::ffi::OsString;

/// Whom each is for, as the scheme of what is asked; in the spelling that wins and in the other.
const VARIABLES: [(&[&str], [&str; 2]); 3] = [
    (&["https"], ["HTTPS_PROXY", "https_proxy"]),
    (&["http"], ["HTTP_PROXY", "http_proxy"]),
    (&["https", "http"], ["ALL_PROXY", "all_proxy"]),
];

const HINT: &str = "write it as `http://proxy:3128` or `http://user:password@proxy:3128`, with `%40` for an `@` in the password";

enum Flaw {
    NotUtf8,
    NoAddress,
    Socks,
    /// The library takes the first `@` for the end of the password.
    CutPassword,
}

impl Flaw {
    fn is_passed_over(&self) -> bool {
        matches!(self, Flaw::NotUtf8 | Flaw::NoAddress)
    }
}

/// A warning for each variable that is set and no proxy. What it says is not shown, for it may hold a password.
pub(super) fn check(variable: impl Fn(&str) -> Option<OsString>, findings: &Findings) {
    for (_, spellings) in VARIABLES {
        for (name, flaw) in flaws(spellings, &variable) {
            let message = match flaw {
                Flaw::NotUtf8 => format!("`{name}` is not UTF-8, and is passed over"),
                Flaw::NoAddress => format!(
                    "`{name}` is no address of a proxy, and is passed over: requests go as if it were not set"
                ),
                Flaw::CutPassword => {
                    format!("`{name}` has an `@` in its name or password, which ends there")
                }
                Flaw::Socks => {
                    format!(
                        "`{name}` names a SOCKS proxy, which is not supported: only HTTP proxies are"
                    )
                }
            };
            findings.warning(Place::Variable(name), message, Some(HINT.to_owned()));
        }
    }
}

/// The variables that are to name the proxy for a scheme, and are passed over.
pub fn passed_over(scheme: &str, variable: impl Fn(&str) -> Option<OsString>) -> Vec<&'static str> {
    VARIABLES
        .iter()
        .filter(|(schemes, _)| schemes.contains(&scheme))
        .flat_map(|(_, spellings)| flaws(*spellings, &variable))
        .filter(|(_, flaw)| flaw.is_passed_over())
        .map(|(name, _)| name)
        .collect()
}

/// As the library looks: the first spelling that is set and text is the one. An empty one switches the other off.
fn flaws(
    spellings: [&'static str; 2],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, Flaw)> {
    let mut flaws = Vec::new();
    for name in spellings {
        let Some(value) = variable(name) else {
            continue;
        };
        let Ok(text) = value.into_string() else {
            flaws.push((name, Flaw::NotUtf8));
            continue;
        };
        if !text.trim().is_empty() {
            flaws.extend(flaw(&text).map(|flaw| (name, flaw)));
        }
        break;
    }
    flaws
}

/// By the library itself, whatever it takes for an address.
fn flaw(text: &str) -> Option<Flaw> {
    let anywhere = "http://host.invalid/".parse().ok()?;
    let proxy = Matcher::builder().all(text).build().intercept(&anywhere);
    let uri = proxy.as_ref().map(|proxy| proxy.uri());
    let Some(uri) = uri.filter(|uri| uri.host().is_some_and(|host| !host.is_empty())) else {
        return Some(Flaw::NoAddress);
    };
    if uri.authority().is_some_and(|it| it.as_str().contains('@')) {
        return Some(Flaw::CutPassword);
    }
    let scheme = uri.scheme_str();
    scheme
        .is_some_and(|it| it.starts_with("socks"))
        .then_some(Flaw::Socks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(variables: &[(&str, &str)]) -> Vec<String> {
        let findings = Findings::default();
        let variable = |name: &str| {
            let mut all = variables.iter();
            let found = all.find(|(given, _)| *given == name);
            found.map(|(_, value)| OsString::from(value))
        };
        check(variable, &findings);
        let (_, warnings) = findings.in_order();
        warnings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_proxy_that_the_library_passes_over_is_told_and_never_shown() {
        for value in [
            "garbage://x",
            ":::",
            "ftp://proxy.secret",
            "http://",
            "http://:3128",
            "http://proxy secret:3128",
            "/run/proxy",
        ] {
            let said = warnings(&[("HTTPS_PROXY", value)]);
            assert_eq!(said.len(), 1, "{value}: {said:?}");
            assert!(
                said[0].starts_with("`HTTPS_PROXY` is no address of a proxy")
                    && said[0].contains("hint: ")
                    && !said[0].contains("secret"),
                "{said:?}"
            );
        }
        let said = warnings(&[("http_proxy", "http://user:secret@more@proxy:3128")]);
        assert!(
            said[0].contains("an `@` in its name or password") && !said[0].contains("secret"),
            "{said:?}"
        );
        let said = warnings(&[("all_proxy", "socks5h://proxy:1080")]);
        assert!(
            said[0].starts_with("`all_proxy` names a SOCKS proxy"),
            "{said:?}"
        );
    }

    #[test]
    fn what_is_a_proxy_or_switches_one_off_gets_no_warning() {
        for value in [
            "",
            " ",
            "http://proxy:3128",
            "https://user:p%40ss@proxy",
            "proxy:3128",
            "proxy",
            "10.0.0.1:3128",
            "http://[::1]:3128/",
        ] {
            assert!(warnings(&[("HTTP_PROXY", value)]).is_empty(), "{value}");
        }
        // The other spelling is not looked at.
        assert!(warnings(&[("HTTPS_PROXY", ""), ("https_proxy", ":::")]).is_empty());
        assert!(warnings(&[("http_proxy", "proxy:1"), ("HTTP_PROXY", "proxy:2")]).is_empty());
    }
}
