//! `storage` by the file and by the environment, and who beats whom.

use super::*;

const URL: &str = "postgres://u@db.example/d";

fn load_both(text: &str, variables: &[(&str, &str)]) -> Result<(Config, Vec<Problem>), Invalid> {
    let file = written(text);
    let flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    load(&flags, |name| variables.get(name).map(OsString::from))
}

fn storage(written: &str, variables: &[(&str, &str)]) -> (Storage, Vec<String>) {
    let text = format!("{MINIMAL}{written}");
    let (config, warnings) = load_both(&text, variables).unwrap();
    let warnings = warnings.into_iter().map(|it| it.message).collect();
    (config.storage, warnings)
}

fn refusal(written: &str, variables: &[(&str, &str)]) -> String {
    let text = format!("{MINIMAL}{written}");
    let invalid = load_both(&text, variables).unwrap_err();
    assert!(!invalid.to_string().contains(SECRET));
    invalid.to_string()
}

fn password(storage: &Storage) -> Option<&str> {
    storage.password.as_ref().map(|it| it.expose_secret())
}

#[test]
fn the_environment_names_the_database_beside_a_file_with_accounts() {
    let file = written(format!("{SECRET}\n"));
    let file = file.path().to_str().unwrap();
    for variable in [
        ("SMARTASSIST_STORAGE_PASSWORD", SECRET),
        ("SMARTASSIST_STORAGE_PASSWORD_FILE", file),
        ("PGPASSWORD", SECRET),
    ] {
        let variables = [("SMARTASSIST_STORAGE_URL", URL), variable];
        for written in ["", "storage:\n", "storage: {}\n", "storage: {path: }\n"] {
            let (storage, warnings) = storage(written, &variables);
            assert_eq!(storage.url.as_ref().unwrap().to_string(), URL, "{written}");
            assert_eq!(password(&storage), Some(SECRET), "{variable:?}");
            assert_eq!(warnings, [""; 0]);
        }
        let variables = [&ENVIRONMENT[..], &variables].concat();
        let (config, _) = load_environment(&variables).unwrap();
        assert_eq!(password(&config.storage), Some(SECRET), "{variable:?}");
        assert_eq!(config.accounts.len(), 1);
    }
}

#[test]
fn the_file_beats_the_environment_key_by_key() {
    let all = [
        ("SMARTASSIST_STORAGE_URL", "postgres://u@other.example/d"),
        ("SMARTASSIST_STORAGE_PASSWORD", "another"),
        ("PGPASSWORD", "a third"),
    ];
    let written = format!("storage: {{url: '{URL}', password: {SECRET}}}");
    let (of_file, warnings) = storage(&written, &all);
    assert_eq!(of_file.url.as_ref().unwrap().to_string(), URL);
    assert_eq!((password(&of_file), warnings), (Some(SECRET), vec![]));
    let (of_both, _) = storage(&format!("storage: {{url: '{URL}'}}"), &all);
    assert_eq!(password(&of_both), Some("another"));
    let (last, _) = storage(&format!("storage: {{url: '{URL}'}}"), &all[2..]);
    assert_eq!(password(&last), Some("a third"));
}

#[test]
fn what_has_no_effect_is_told_but_for_what_other_programs_may_need() {
    let told = "`SMARTASSIST_STORAGE_URL` has no effect beside `storage.path`";
    let variables = [("SMARTASSIST_STORAGE_URL", URL), ("PGPASSWORD", SECRET)];
    let (folder, warnings) = storage("storage: {path: /var/lib/x}", &variables);
    assert_eq!(folder.url, None);
    assert_eq!((password(&folder), warnings), (None, vec![told.to_owned()]));
    let told = "`SMARTASSIST_STORAGE_PASSWORD` has no effect without `storage.url`";
    let (_, warnings) = storage("", &[("SMARTASSIST_STORAGE_PASSWORD", SECRET)]);
    assert_eq!(warnings, [told]);
}

#[test]
fn one_password_is_enough() {
    let both = [
        ("SMARTASSIST_STORAGE_URL", URL),
        ("SMARTASSIST_STORAGE_PASSWORD", SECRET),
        ("SMARTASSIST_STORAGE_PASSWORD_FILE", "/nowhere"),
    ];
    let said = refusal("", &both);
    assert!(
        said.contains("allowed: one of `SMARTASSIST_STORAGE_PASSWORD`"),
        "{said}"
    );
}

#[test]
fn what_is_no_section_is_refused_whatever_the_environment_adds() {
    let said = refusal("storage: /var/lib/x", &[("SMARTASSIST_STORAGE_URL", URL)]);
    assert!(
        said.contains("`storage` is a single value; allowed: a mapping of"),
        "{said}"
    );
}

#[test]
fn a_bad_address_in_the_environment_is_said_of_its_variable() {
    let url = format!("postgres://u:{SECRET}@db.example/d");
    let said = refusal("", &[("SMARTASSIST_STORAGE_URL", &url)]);
    assert!(
        said.contains("`SMARTASSIST_STORAGE_URL` is an address with a password"),
        "{said}"
    );
}
