//! docs/runbooks.md → the page that alerts link to, `/runbooks`: made here once, so that what runs at night only hands it out.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Parser, Tag, html};
use std::path::Path;
use std::{env, fs, io};

const SOURCE: &str = "docs/runbooks.md";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed=build.rs");
    let markdown = fs::read_to_string(SOURCE)?;
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&out).join("runbooks.html"), page(&markdown))
}

/// The body of the page. A section's anchor is its alert's name, as the alert itself spells it.
fn page(markdown: &str) -> String {
    let names: Vec<&str> = markdown.lines().filter_map(name).collect();
    let mut sections = names.iter();
    let mut in_kept_link = Vec::new();
    let events = Parser::new(markdown).filter_map(|event| match event {
        Event::Start(Tag::Heading {
            level: HeadingLevel::H2,
            classes,
            attrs,
            ..
        }) => Some(Event::Start(Tag::Heading {
            level: HeadingLevel::H2,
            id: sections.next().map(|name| CowStr::from(*name)),
            classes,
            attrs,
        })),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let target = target(&dest_url, &names);
            in_kept_link.push(target.is_some());
            target.map(|dest_url| {
                Event::Start(Tag::Link {
                    link_type,
                    dest_url: dest_url.into(),
                    title,
                    id,
                })
            })
        }
        Event::End(pulldown_cmark::TagEnd::Link) => {
            in_kept_link.pop().unwrap_or(false).then_some(event)
        }
        other => Some(other),
    });
    let mut body = String::new();
    html::push_html(&mut body, events);
    body
}

/// The name of the alert that a section is about.
fn name(line: &str) -> Option<&str> {
    line.strip_prefix("## ").map(str::trim)
}

/// Where a link of the source leads to on the page: another section, or a page of the manual that the exporter serves
/// as well. `None`: a file that only stands in the source, so that its name has to do.
fn target(link: &str, names: &[&str]) -> Option<String> {
    if let Some(anchor) = link.strip_prefix('#') {
        let name = names.iter().find(|name| name.eq_ignore_ascii_case(anchor));
        return name.map(|name| format!("#{name}"));
    }
    let page = link.split('#').next().unwrap_or(link);
    let of_the_manual = !page.contains('/') && page.ends_with(".md");
    of_the_manual.then(|| format!("docs/{page}"))
}
