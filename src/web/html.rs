//! The frame of a page for people: it brings its own style, and takes nothing from anywhere else.

use std::fmt::Write;

/// The whole document; what is put in must be escaped. `head` is what its head has beside the usual.
pub(super) fn document(title: &str, head: &str, style: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n\
        <html lang=\"en\">\n\
        <head>\n\
        <meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width\">\n\
        {head}\
        <link rel=\"icon\" href=\"data:,\">\n\
        <title>{title}</title>\n\
        <style>{style}</style>\n\
        </head>\n\
        <body>\n{body}</body>\n\
        </html>\n"
    )
}

/// Text that is text wherever it stands.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                write!(html, "&#{};", u32::from(character)).unwrap_or_default();
            }
            _ => html.push(character),
        }
    }
    html
}
