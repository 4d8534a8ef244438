//! Who may ask this exporter: what `serve` with the same arguments would let in.

use super::form::{Line, State};
use crate::config::{Config, one_line};
use crate::web::Gate;
use std::path::Path;

const ID: &str = "web";

pub(super) fn line(config: &Config, file: Option<&Path>) -> Line {
    let address = config.web.listen_address;
    let gate = match Gate::load(file, config.web.open_health) {
        Ok(gate) => gate,
        Err(error) => {
            return Line::new(ID, State::Failed, one_line(&error.to_string()));
        }
    };
    if let Some(exposed) = gate.exposed(address) {
        return Line::new(ID, State::Warning, exposed).found("open");
    }
    let scheme = gate.scheme();
    let (found, who) = match gate.asks_for() {
        Some(shown) => ("guarded", format!("whoever asks must show {shown}")),
        None if address.ip().to_canonical().is_loopback() => {
            ("loopback", "this machine alone is answered".to_owned())
        }
        None => ("tls", "everybody is answered, over TLS".to_owned()),
    };
    let warnings = gate.warnings();
    let text = format!("`{scheme}://{address}`: {who}");
    if warnings.is_empty() {
        return Line::new(ID, State::Ok, text).found(found);
    }
    let warned: Vec<String> = warnings.iter().map(|it| it.in_a_line()).collect();
    Line::new(ID, State::Warning, format!("{text}; {}", warned.join("; "))).found(found)
}
