//! Closed sets whose members are chosen by name, with one line for people each.

/// An enum of named members: `ALL`, `name`, `describe`, and reading and writing by name.
macro_rules! named {
    ($(#[doc = $about:literal])+ $set:ident, $article:ident $noun:literal: {
        $($(#[doc = $doc:literal])+ $member:ident = $name:literal,)+
    }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $set { $($(#[doc = $doc])+ $member,)+ }

        impl $set {
            pub const ALL: &'static [$set] = &[$($set::$member),+];

            pub fn name(self) -> &'static str {
                match self { $($set::$member => $name),+ }
            }

            /// One line for people.
            pub fn describe(self) -> &'static str {
                match self { $($set::$member => concat!($($doc),+)),+ }
            }
        }

        impl std::fmt::Display for $set {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $set {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let found = $set::ALL.iter().copied().find(|member| member.name() == text);
                found.ok_or_else(|| {
                    let known: Vec<String> = $set::ALL.iter().map(|member| format!("`{member}`")).collect();
                    format!(concat!("no ", $noun, " is called `{}`; there are {}"), text, known.join(", "))
                })
            }
        }
    };
}
pub(super) use named;

/// A type that is sent as its text, for `#[serde(try_from = "String", into = "String")]`.
macro_rules! by_text {
    ($sent:ty) => {
        impl TryFrom<String> for $sent {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$sent> for String {
            fn from(sent: $sent) -> String {
                sent.to_string()
            }
        }
    };
}
pub(super) use by_text;

/// Reads `NAME=RATE`; the rate is 0–1.
pub(super) fn named_rate<T: std::str::FromStr<Err = String>>(
    text: &str,
) -> Result<(T, f64), String> {
    let (name, rate) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not `NAME=RATE`, as in `429=0.05`"))?;
    let rate: f64 = rate
        .parse()
        .map_err(|_| format!("rate `{rate}` is not a number between 0 and 1"))?;
    if !(0.0..=1.0).contains(&rate) {
        return Err(format!("rate `{rate}` is not between 0 and 1"));
    }
    Ok((name.parse()?, rate))
}
