//! Documentation of all keys, generated from `keys`: the page and the example file.
//!
//! A test holds `docs/configuration.md` and `docs/smartassist-exporter.example.yml` equal to what this generates.

use super::environment::{NAME, STORAGE, VARIABLES};
use super::field::join;
use super::keys::Config;
use super::table::{Inside, Key, Preset, Table};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Configuration

Generated from the one list of keys in `src/config/keys.rs`; `UPDATE_DOCS=1 cargo test --lib config::page` writes it \
anew. A file to start from: [smartassist-exporter.example.yml](smartassist-exporter.example.yml). \
`smartassist-exporter check --config.file=…` says everything that is wrong with one, at once.

A flag beats the file, the file beats the environment. Unknown keys are errors. Durations have units: `90s`, `15m`, \
`1h 30m`, `7d`. Paths start from the working directory. Blanks around a value, and line ends and byte order marks \
around a secret, are no part of it; control characters inside are an error. A key written without a value is as good as \
absent. Keys of `channels` and `queues` are text, whatever YAML takes them for: a queue may be called `123` or `null`.
";

const NETWORK: &str = "
### Proxies and certificates

| variable | stands for |
| --- | --- |
| `HTTPS_PROXY`, `HTTP_PROXY` | the HTTP proxy for addresses in `https` and `http`, such as `http://user:password@proxy:3128`; also in lower case |
| `ALL_PROXY` | the proxy for both |
| `NO_PROXY` | hosts that are asked without a proxy, such as `platform.kore.ai,.internal` |
| `SSL_CERT_FILE` | a file of certificates in PEM that are trusted instead of the system's |
| `SSL_CERT_DIR` | a folder of such files, named by hash as `openssl rehash` does |

A value that is no address of a proxy is passed over, with a warning. Loopback addresses are never asked through a proxy. SOCKS proxies do not work. Where the API is behind a proxy that \
breaks TLS open, or has a certificate of the company's own, `accounts[].ca_file` names the company's certificate: without \
it the log says `invalid peer certificate: UnknownIssuer`. `SSL_CERT_FILE` takes the place of the system's, so it holds \
all that is to be trusted.

A change of the file is taken over by a reload: [operations.md](operations.md#changing-the-configuration).
";

/// The whole of `docs/configuration.md`.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for key in Config::keys() {
        // Writing to a string cannot fail.
        write!(page, "\n## `{}`\n\n{}\n\n", key.name, key.doc).unwrap_or_default();
        page.push_str("| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n");
        rows("", &key, &mut page).unwrap_or_default();
    }
    page.push_str("\n## Environment\n\n");
    writeln!(
        page,
        "Where there is no file, or it has no `accounts`, these describe one account, named `{NAME}`:\n\n\
         | variable | stands for |\n| --- | --- |"
    )
    .unwrap_or_default();
    for (variable, key) in VARIABLES {
        writeln!(page, "| `{variable}` | `accounts[].{key}` |").unwrap_or_default();
    }
    page.push_str(
        "\nThese say where the state is kept, with accounts in the file or without, where the file leaves the key open:\n\n\
         | variable | stands for |\n| --- | --- |\n",
    );
    for (variable, key) in STORAGE {
        writeln!(page, "| `{variable}` | `storage.{key}` |").unwrap_or_default();
    }
    page.push_str("\n`PGPASSWORD` is asked last: it may be meant for other programs.\n");
    page + NETWORK
}

fn rows(path: &str, key: &Key, page: &mut String) -> std::fmt::Result {
    let path = join(path, &key.name);
    let keys = match &key.inside {
        Inside::Value { allowed, preset } => {
            let default = match preset {
                Preset::Default(text) => format!("`{text}`"),
                Preset::Required(_) => "required".to_owned(),
                Preset::Absent(_) | Preset::Usual(_) => "–".to_owned(),
            };
            return writeln!(page, "| `{path}` | {default} | {allowed} | {} |", key.doc);
        }
        Inside::Named { of, such_as, .. } => {
            return writeln!(
                page,
                "| `{path}` | – | a mapping from {of} to what `targets` may hold, such as `{such_as}` | {} |",
                key.doc
            );
        }
        Inside::List { keys, .. } => (format!("{path}[]"), keys),
        Inside::Section(keys) => (path, keys),
    };
    keys.1.iter().try_for_each(|key| rows(&keys.0, key, page))
}

/// The whole of `docs/smartassist-exporter.example.yml`: every key; what is usually absent is a comment.
pub fn example() -> String {
    let mut example = String::from(
        "# Every key, with its default where there is one. docs/configuration.md says what is allowed, and\n\
         # `smartassist-exporter check --config.file=…` what is wrong. Both pages come from one list of keys.\n",
    );
    for key in Config::keys() {
        example.push('\n');
        lines(&key, "", "", &mut example);
    }
    example
}

/// `mark` stands before the key, and is as wide as what stands before the others.
fn lines(key: &Key, indent: &str, mark: &str, example: &mut String) {
    for line in wrapped(&key.doc, 100 - indent.len()) {
        example.push_str(&format!("{indent}# {line}\n"));
    }
    // The mark takes the place of the last blanks.
    let blanks = indent.len() - mark.len();
    let indent = format!("{}{mark}", &indent[..blanks]);
    let name = &key.name;
    let deeper = format!("{}  ", " ".repeat(indent.len()));
    match &key.inside {
        Inside::Value { preset, .. } => match preset {
            Preset::Default(text) | Preset::Required(text) | Preset::Usual(text) => {
                example.push_str(&format!("{indent}{name}: {text}\n"));
            }
            Preset::Absent(text) => example.push_str(&format!("{indent}# {name}: {text}\n")),
        },
        Inside::Named { such_as, .. } => {
            example.push_str(&format!("{indent}{name}: {such_as}\n"));
        }
        Inside::Section(keys) => {
            example.push_str(&format!("{indent}{name}:\n"));
            for key in keys {
                lines(key, &deeper, "", example);
            }
        }
        Inside::List { keys, .. } => {
            example.push_str(&format!("{indent}{name}:\n"));
            let deeper = format!("{deeper}  ");
            for (at, key) in keys.iter().enumerate() {
                let mark = if at == 0 { "- " } else { "" };
                lines(key, &deeper, mark, example);
            }
        }
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Holds a file to what it should be, or makes it so.
    fn hold(name: &str, expected: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs")
            .join(name);
        if std::fs::read_to_string(&path).is_ok_and(|held| held == expected) {
            return;
        }
        assert!(
            std::env::var_os("UPDATE_DOCS").is_some(),
            "`docs/{name}` differs from the list of keys\nhint: UPDATE_DOCS=1 cargo test --lib config::page"
        );
        std::fs::write(&path, expected).unwrap();
    }

    #[test]
    fn the_page_and_the_example_are_what_the_list_of_keys_says() {
        hold("configuration.md", &page());
        hold("smartassist-exporter.example.yml", &example());
    }

    #[test]
    fn every_key_is_documented_and_no_text_breaks_a_table() {
        for row in page()
            .lines()
            .filter(|line| line.starts_with("| `acc") || line.starts_with("| `p"))
        {
            assert_eq!(row.matches('|').count(), 5, "{row}");
            assert!(!row.ends_with("|  |"), "{row}");
        }
    }
}
