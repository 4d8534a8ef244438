mod damage;
mod secrets;
mod storage;

use super::*;
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::time::Duration;

const SECRET: &str = "squeamish-ossifrage";

const MINIMAL: &str = "\
accounts:
  - name: acme
    url: https://platform.kore.ai
    account_id: a-1
    stream_id: st-1
    auth: {client_id: cs-1, client_secret: squeamish-ossifrage}
";

/// A file that is gone when dropped.
fn written(text: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn load_text(text: impl AsRef<[u8]>) -> Result<(Config, Vec<Problem>), Invalid> {
    let file = written(text);
    let flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    load(&flags, |_| None)
}

fn load_environment(variables: &[(&str, &str)]) -> Result<(Config, Vec<Problem>), Invalid> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    load(&Flags::default(), |name| {
        variables.get(name).map(OsString::from)
    })
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

#[test]
fn what_is_not_written_has_the_documented_default() {
    let (config, warnings) = load_text(MINIMAL).unwrap();
    assert_eq!(warnings, []);
    let account = &config.accounts[0];
    assert_eq!(account.requests_per_minute, 30);
    assert_eq!(account.targets.abandonment_ratio, 0.05);
    assert_eq!(
        account.targets.service_level_within,
        Duration::from_secs(20)
    );
    assert_eq!(account.targets.service_level_ratio, 0.8);
    assert_eq!(account.targets.speed_of_answer, Duration::from_secs(30));
    assert!(account.channels.is_empty());
    assert!(account.queues.is_empty());
    assert_eq!(account.time_zone, None);
    let Auth::Mint { algorithm, jti, .. } = &account.auth else {
        panic!("{:?}", account.auth)
    };
    assert_eq!((*algorithm, *jti), (Algorithm::Hs256, false));
    assert_eq!(config.poll.interval, Duration::from_secs(15));
    assert_eq!(config.poll.settle, Duration::from_secs(30));
    assert_eq!(config.poll.revisit, 0.25);
    assert_eq!(config.poll.initial_lookback, minutes(24 * 60));
    assert_eq!(config.poll.max_lookback, minutes(7 * 24 * 60));
    let windows: Vec<_> = config
        .metrics
        .windows
        .iter()
        .map(|window| window.label.as_str())
        .collect();
    assert_eq!(windows, ["15m", "1h", "24h"]);
    assert_eq!(config.metrics.zero_first, minutes(2));
    assert_eq!(config.metrics.max_series_per_metric, 2000);
    assert!(!config.metrics.per_agent);
    assert!(config.metrics.direction);
    assert_eq!(config.storage.path, Path::new("./data"));
    assert_eq!(config.web.listen_address.to_string(), "127.0.0.1:10720");
}

#[test]
fn what_is_written_is_what_is_meant() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/all.ok.yml");
    let flags = Flags {
        file: Some(file),
        listen_address: None,
    };
    let (config, _) = load(&flags, |_| None).unwrap();
    let account = &config.accounts[0];
    // As spelled, though YAML would take them for numbers.
    assert_eq!(account.account_id, "0123");
    assert_eq!(account.stream_id, "1e3");
    assert_eq!(account.requests_per_minute, 60);
    assert_eq!(account.targets.speed_of_answer, minutes(90));
    assert_eq!(config.poll.settle, Duration::ZERO);
    assert_eq!(config.poll.max_lookback, minutes(30 * 24 * 60));
    assert_eq!(
        config.metrics.windows,
        [RecentWindow {
            label: "5m".into(),
            length: minutes(5)
        }]
    );
    assert!(config.metrics.per_agent);
    assert!(!config.metrics.direction);
    assert_eq!(config.web.listen_address.to_string(), "[::]:10720");
    let Auth::Mint {
        client_id,
        secret,
        algorithm,
        jti,
    } = &account.auth
    else {
        panic!("{:?}", account.auth)
    };
    assert_eq!(
        (client_id.as_str(), *algorithm, *jti),
        ("42", Algorithm::Hs512, true)
    );
    assert_eq!(secret.expose_secret(), SECRET);
}

#[test]
fn of_a_channels_and_a_queues_targets_only_what_is_written_is_kept() {
    let text = format!(
        "{MINIMAL}    targets: {{abandonment_ratio: 0.1, service_level: {{ratio: 0.9}}}}\n    \
        channels: {{' Voice ': {{speed_of_answer: 10s}}}}\n    \
        queues: {{Billing: {{service_level: {{within: 1m}}}}, Sales: }}\n"
    );
    let (config, _) = load_text(text).unwrap();
    let account = &config.accounts[0];
    assert_eq!(account.targets.abandonment_ratio, 0.1);
    assert_eq!(account.targets.service_level_ratio, 0.9);
    assert_eq!(account.queues["Sales"], TargetsOverride::default());
    let billing = TargetsOverride {
        service_level_within: Some(minutes(1)),
        ..TargetsOverride::default()
    };
    assert_eq!(account.queues["Billing"], billing);
    let voice = TargetsOverride {
        speed_of_answer: Some(Duration::from_secs(10)),
        ..TargetsOverride::default()
    };
    assert_eq!(account.channels["Voice"], voice);
}

#[test]
fn a_time_zone_is_known_on_every_machine_whatever_its_case() {
    for name in ["Europe/Berlin", "america/argentina/buenos_aires", "UTC"] {
        let (config, _) = load_text(format!("{MINIMAL}    time_zone: {name}\n")).unwrap();
        let zone = config.accounts[0].time_zone.as_ref().unwrap();
        assert!(zone.iana_name().unwrap().eq_ignore_ascii_case(name));
    }
}

#[test]
fn a_short_look_back_shortens_the_first() {
    let (config, warnings) = load_text(format!("{MINIMAL}poll: {{max_lookback: 12h}}")).unwrap();
    assert_eq!(config.poll.initial_lookback, minutes(12 * 60));
    let warning = "`24h` of `metrics.windows` is longer than `poll.max_lookback`";
    assert_eq!(warnings[0].message, warning);
}

#[test]
fn a_flag_beats_the_file() {
    let file = written(format!("{MINIMAL}web: {{listen_address: '127.0.0.1:1'}}"));
    let mut flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    let address = |flags: &Flags| load(flags, |_| None).unwrap().0.web.listen_address;
    assert_eq!(address(&flags).port(), 1);
    assert_eq!(listen_address(&flags).unwrap().port(), 1);
    flags.listen_address = Some("127.0.0.1:2".parse().unwrap());
    assert_eq!(address(&flags).port(), 2);
    assert_eq!(listen_address(&flags).unwrap().port(), 2);
}

#[test]
fn the_listen_address_can_be_asked_for_while_all_else_is_wrong() {
    let file = written("accounts: 7\npol: {}\nweb: {listen_address: '127.0.0.1:1'}");
    let flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    assert_eq!(listen_address(&flags).unwrap().port(), 1);
}

const ENVIRONMENT: [(&str, &str); 5] = [
    ("SMARTASSIST_URL", "https://platform.kore.ai"),
    ("SMARTASSIST_ACCOUNT_ID", "a-1"),
    ("SMARTASSIST_STREAM_ID", "st-1"),
    ("SMARTASSIST_CLIENT_ID", "cs-1"),
    ("SMARTASSIST_CLIENT_SECRET", SECRET),
];

#[test]
fn the_environment_describes_one_account() {
    let (config, warnings) = load_environment(&ENVIRONMENT).unwrap();
    assert_eq!(warnings, []);
    let [account] = config.accounts.as_slice() else {
        panic!("{:?}", config.accounts)
    };
    assert_eq!(account.name, "default");
    assert_eq!(account.url.as_str(), "https://platform.kore.ai/");
    assert_eq!(account.requests_per_minute, 30);
}

#[test]
fn a_file_without_accounts_is_joined_by_the_environments() {
    let file = written("poll: {interval: 5s}");
    let flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    let variables: HashMap<&str, &str> = ENVIRONMENT.into_iter().collect();
    let (config, _) = load(&flags, |name| variables.get(name).map(OsString::from)).unwrap();
    assert_eq!(config.accounts[0].name, "default");
    assert_eq!(config.poll.interval, Duration::from_secs(5));
}

#[test]
fn a_file_with_accounts_beats_the_environments() {
    let file = written(MINIMAL);
    let flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    let variables: HashMap<&str, &str> = ENVIRONMENT.into_iter().collect();
    let (config, _) = load(&flags, |name| variables.get(name).map(OsString::from)).unwrap();
    assert_eq!(config.accounts[0].name, "acme");
}

#[test]
fn an_incomplete_environment_names_every_variable_that_is_missing() {
    let invalid = load_environment(&[("SMARTASSIST_URL", "platform.kore.ai")]).unwrap_err();
    let names: Vec<_> = invalid
        .problems
        .iter()
        .map(|problem| problem.place)
        .collect();
    let missing = [
        "SMARTASSIST_ACCOUNT_ID",
        "SMARTASSIST_CLIENT_ID",
        "SMARTASSIST_CLIENT_SECRET",
        "SMARTASSIST_STREAM_ID",
    ];
    assert_eq!(names, missing.map(Place::Variable));
}

#[test]
fn what_is_wrong_in_the_environment_is_said_of_its_variable() {
    let mut variables = ENVIRONMENT;
    variables[0].1 = "platform.kore.ai";
    let invalid = load_environment(&variables).unwrap_err();
    assert_eq!(
        invalid.to_string(),
        "the environment cannot be used:\n\
        `SMARTASSIST_URL` is `platform.kore.ai`; allowed: a base address such as `https://platform.kore.ai`\n  \
        hint: an address begins with `https://`"
    );
}

#[test]
fn nothing_at_all_is_told_what_to_do() {
    let invalid = load_environment(&[]).unwrap_err().to_string();
    assert!(invalid.contains("--config.file"), "{invalid}");
    assert!(invalid.contains("demo"), "{invalid}");
}

#[test]
fn files_that_cannot_be_configurations_are_refused() {
    let said = |text: &[u8]| load_text(text).unwrap_err().problems[0].message.clone();
    assert_eq!(
        said(b"\xff\xfe"),
        "the file is not UTF-8; allowed: YAML in UTF-8"
    );
    assert!(said(&vec![b'#'; 2 << 20]).starts_with("the file is too large"));
    assert!(said("[".repeat(10_000).as_bytes()).starts_with("this is not readable as YAML"));
    let bomb = "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
        d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    assert!(said(bomb.as_bytes()).starts_with("this is not readable as YAML"));
    let gone = Flags {
        file: Some("/nowhere/at/all.yml".into()),
        listen_address: None,
    };
    assert_eq!(
        load(&gone, |_| None).unwrap_err().problems[0].message,
        "there is no such file"
    );
}

#[test]
fn a_queue_may_have_a_name_that_yaml_takes_for_something_else() {
    let names = [
        "none",
        "null",
        "~",
        "true",
        "no",
        "123",
        "1e3",
        "0x1F",
        ".inf",
        "2026-01-01",
    ];
    for name in names {
        let text = format!("{MINIMAL}    queues: {{{name}: {{speed_of_answer: 5s}}}}\n");
        let (config, _) = load_text(text).unwrap();
        let queues: Vec<_> = config.accounts[0].queues.keys().collect();
        assert_eq!(queues, [name]);
    }
    let all: String = names.map(|name| format!("      {name}:\n")).concat();
    let (config, _) = load_text(format!("{MINIMAL}    queues:\n{all}")).unwrap();
    assert_eq!(config.accounts[0].queues.len(), names.len());
}

#[test]
fn a_value_that_yaml_takes_for_something_else_is_text_where_text_is_meant() {
    for id in ["no", "true", "123", "0x1F", "1e3"] {
        let (config, _) = load_text(MINIMAL.replace("a-1", id)).unwrap();
        assert_eq!(config.accounts[0].account_id, id);
    }
    let invalid = load_text(MINIMAL.replace("a-1", "null")).unwrap_err();
    assert_eq!(
        invalid.problems[0].to_string(),
        "line 4: `accounts[0].account_id` is `null`, which YAML takes for nothing; allowed: text that is not empty\n  \
        hint: as text it is written `\"null\"`"
    );
}

#[test]
fn every_default_and_every_example_is_allowed() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), SECRET).unwrap();
    let secret = file.path().to_str().unwrap();
    let example = page::example().replace("/run/secrets/acme\n", &format!("{secret}\n"));
    let written = example.replace("# time_zone", "time_zone");
    let (config, warnings) = load_text(written).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(config.accounts[0].channels.len(), 1);
    assert!(config.accounts[0].time_zone.is_some());
}
