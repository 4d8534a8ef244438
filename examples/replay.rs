//! How would AbandonmentSpike have paged on my history?
//!
//! `make replay FILE=… TARGET=…` or `cargo run --example replay -- FILE [TARGET]`: FILE holds one finished conversation
//! a line, as `{"started": 1700000000, "ended": 1700000300, "queue": "Billing", "abandoned": false}` (UTC seconds;
//! `account` and `channel` optional; queue `none` for users who left before any), TARGET the abandonment ratio allowed
//! (0.05).
//! Needs `promtool`. Each page is printed with its time, then how many there were a week.

#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests, who use more of it"
)]
#[path = "../tests/replay/mod.rs"]
mod replay;

use anyhow::{Context, bail};
use std::io::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let Some(file) = arguments.next() else {
        bail!("no history given\nhint: replay FILE [TARGET]")
    };
    let target = arguments
        .next()
        .map_or(Ok(0.05), |target| target.parse())
        .context("TARGET is no number")?;
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read `{file}`"))?;
    let mut history = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let contact: replay::Contact = serde_json::from_str(line)
            .with_context(|| format!("line {} of `{file}`", number + 1))?;
        history.push(contact);
    }
    let alerts = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    let pages =
        replay::pages(&history, &alerts, target).context("cannot replay with `promtool`")?;
    let mut out = io::stdout().lock();
    for page in &pages {
        writeln!(
            out,
            "{} {}",
            jiff::Timestamp::from_second(page.at)?,
            page.account
        )?;
    }
    let ends = || history.iter().map(|contact| contact.ended);
    let weeks = (ends().max().unwrap_or(0) - ends().min().unwrap_or(0)) as f64 / 604_800.0;
    writeln!(
        out,
        "{} pages in {weeks:.1} weeks: {:.2} a week",
        pages.len(),
        pages.len() as f64 / weeks
    )?;
    Ok(())
}
