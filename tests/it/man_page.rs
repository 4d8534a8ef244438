//! The manual page is what the program says of itself with `--help`, each command with its own, set for `man`.

use crate::support::kept::is_as_written;
use std::process::Command;

const PAGE: &str = "deploy/debian/smartassist-exporter.1";

/// A help text: what it is, how it is called, and what comes under headings.
#[derive(Default)]
struct Help {
    about: Vec<String>,
    usage: String,
    sections: Vec<(String, Vec<String>)>,
}

fn help(command: &[&str]) -> Help {
    let output = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .args(command)
        .arg("--help")
        .output()
        .unwrap();
    let mut help = Help::default();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line = line.trim_end();
        if let Some(usage) = line.strip_prefix("Usage: ") {
            usage.clone_into(&mut help.usage);
        } else if let Some(title) = line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            help.sections.push((title.to_owned(), Vec::new()));
        } else if let Some((_, lines)) = help.sections.last_mut() {
            lines.push(line.to_owned());
        } else if help.usage.is_empty() {
            help.about.push(line.to_owned());
        }
    }
    help
}

/// Text that means nothing to the typesetter.
fn plain(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

/// Paragraphs, with `between` them; what begins with a dash stays a line.
fn paragraphs(lines: &[String], between: &str) -> String {
    let mut text = String::new();
    let mut after_blank = false;
    for line in lines.iter().map(|line| line.trim()) {
        if line.is_empty() {
            after_blank = !text.is_empty();
            continue;
        }
        if after_blank {
            text += between;
        } else if line.starts_with("- ") {
            text += ".br\n";
        }
        text += &format!("{}\n", plain(line));
        after_blank = false;
    }
    text
}

/// Flags and arguments with what they mean.
fn items(lines: &[String]) -> String {
    let mut text = String::new();
    let starts = |line: &&String| {
        line.trim_start().starts_with(['-', '<', '[']) && !line.starts_with("        ")
    };
    let mut rest = lines;
    while let Some(at) = rest.iter().position(|line| starts(&line)) {
        let after = &rest[at + 1..];
        let end = after
            .iter()
            .position(|line| starts(&line))
            .unwrap_or(after.len());
        text += &format!(
            ".TP\n.B {}\n{}",
            plain(rest[at].trim()),
            paragraphs(&after[..end], ".IP\n")
        );
        rest = &after[end..];
    }
    text
}

fn as_it_stands(lines: &[String]) -> String {
    let text: String = lines
        .iter()
        .map(|line| format!("{}\n", plain(line)))
        .collect();
    format!(".EX\n{}\n.EE\n", text.trim_matches('\n'))
}

/// A command, and those below it.
fn command(words: &[&str], whole: &Help) -> String {
    let help = help(words);
    let mut text = format!(
        ".SS {}\n{}.PP\n.B {}\n",
        words.join(" "),
        paragraphs(&help.about, ".PP\n"),
        plain(&help.usage)
    );
    for (title, lines) in &help.sections {
        if title == "Commands" {
            continue;
        }
        if whole
            .sections
            .iter()
            .any(|(known, same)| known == title && same == lines)
        {
            continue;
        }
        let body = items(lines);
        if title != "Options" {
            text += &format!(".PP\n{}:\n", plain(title));
        }
        text += &if body.is_empty() {
            as_it_stands(lines)
        } else {
            body
        };
    }
    for below in commands(&help) {
        text += &command(&[words, &[&below]].concat(), whole);
    }
    text
}

fn commands(help: &Help) -> Vec<String> {
    let lines = help
        .sections
        .iter()
        .filter(|(title, _)| title == "Commands")
        .flat_map(|(_, lines)| lines);
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

fn page() -> String {
    let whole = help(&[]);
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(
        ".\\\" What `--help` says; `UPDATE_DOCS=1 cargo test --test it man_page` writes it anew.\n\
        .TH SMARTASSIST\\-EXPORTER 1 \"\" \"smartassist\\-exporter {version}\" \"User Commands\"\n\
        .SH NAME\nsmartassist\\-exporter \\- {}\n\
        .SH SYNOPSIS\n.B {}\n\
        .SH DESCRIPTION\n{}",
        plain(whole.about[0].trim_end_matches('.')),
        plain(&whole.usage),
        paragraphs(&whole.about[1..], ".PP\n"),
    );
    page += ".SH COMMANDS\n";
    for name in commands(&whole) {
        page += &command(&[&name], &whole);
    }
    for (title, lines) in &whole.sections {
        page += &match title.as_str() {
            "Commands" => continue,
            "Options" => format!(".SH OPTIONS\n{}", items(lines)),
            "Exit codes" => format!(".SH EXIT STATUS\n{}", as_it_stands(lines)),
            _ if title.starts_with("Environment") => {
                format!(
                    ".SH ENVIRONMENT\n{}:\n{}",
                    plain(title),
                    as_it_stands(lines)
                )
            }
            _ => format!(".SH {}\n{}", title.to_uppercase(), as_it_stands(lines)),
        };
    }
    page + FILES
}

/// Of the Debian package, whose page this is.
const FILES: &str = "\
.SH FILES
.TP
.I /etc/smartassist\\-exporter/config.yml
The configuration. It explains itself; the whole manual is in
.IR /usr/share/doc/smartassist\\-exporter .
.TP
.I /etc/smartassist\\-exporter/client\\-secret
The client secret, which the service reads as a credential. It is not there until somebody puts it there.
.TP
.I /var/lib/smartassist\\-exporter
What was counted.
.TP
.I /usr/share/smartassist\\-exporter
Rules for Prometheus and boards for Grafana.
";

#[test]
fn the_man_page_says_what_help_says() {
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let wanted = page();
    assert!(
        wanted.matches("\n.SS ").count() > 9 && wanted.contains("\n.B \\-\\-config.file <PATH>\n"),
        "{wanted}"
    );
    is_as_written(&place, &wanted, "UPDATE_DOCS", "man_page");
}
