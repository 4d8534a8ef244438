//! The files of `tests/web_config`, with certificates beside them: what the toolkit takes stands, what it refuses does not.

use super::*;
use std::path::Path;

#[tokio::test]
async fn each_shape_that_the_toolkit_documents_becomes_a_gate_and_no_other() {
    let house = House::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web_config");
    let (mut taken, mut refused) = (0, 0);
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        let gate = house.gate(&text, false);
        let is_good = file.display().to_string().ends_with(".ok.yml");
        let why = gate.as_ref().err().map(ToString::to_string);
        assert_eq!(gate.is_ok(), is_good, "{}: {why:?}", file.display());
        *if is_good { &mut taken } else { &mut refused } += 1;
        let Ok(gate) = gate else { continue };
        // It speaks TLS where it should, and asks for what it should.
        let tls = text.contains("server.crt");
        assert_eq!(gate.scheme() == "https", tls, "{}", file.display());
        let guards = ["$2y$", "RequireAndVerifyClientCert"];
        let asks = guards.iter().any(|guard| text.contains(guard));
        assert_eq!(gate.asks_for().is_some(), asks, "{}", file.display());
    }
    assert!(taken > 6 && refused > 6, "{taken}, {refused}");
}
