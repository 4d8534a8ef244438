//! The page at `/runbooks`: what to do about each alert, a section each, for whoever was just woken up.
//!
//! It is made of `docs/runbooks.md` when the program is built (`build.rs`), and takes nothing from anywhere else: it can be
//! read while everything else is down. Alerts link to it by name, `/runbooks#AbandonmentSpike`.

use super::html::document;

/// The page's own; the section that a link led to stands out.
const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:color-mix(in srgb,CanvasText 68%,Canvas)}\
*{box-sizing:border-box}\
body{font:17px/1.6 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:2rem 1.25rem 6rem}\
h1{font-size:1.5rem;font-weight:600}\
h2{font-size:1.25rem;font-weight:600;margin:3rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line);overflow-wrap:anywhere;scroll-margin-top:.5rem}\
h2:target{border-top:4px solid LinkText}\
p,li{overflow-wrap:break-word}\
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}\
pre{overflow-x:auto}\
table{border-collapse:collapse}th,td{text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top}\
a{color:LinkText;text-underline-offset:.2em}";

/// The whole document.
pub(super) fn page() -> String {
    let sections = include_str!(concat!(env!("OUT_DIR"), "/runbooks.html"));
    document("Runbooks – SmartAssist exporter", "", STYLE, sections)
}
