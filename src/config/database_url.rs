//! `storage.url`: where the database is, and whether the way there is encrypted.

use super::base_url::is_loopback_name;
use super::field::listed;
use super::kind::{Kind, Refused};
use super::spelling::did_you_mean;
use std::error::Error;
use std::fmt;
use tokio_postgres::Config as ConnectConfig;
use tokio_postgres::config::{Host, SslMode};

const ALLOWED: &str = "an address such as `postgres://smartassist@db.example/smartassist`";
const MODES: &str = "`sslmode=verify-full` or `sslmode=disable`";
const PASSWORD_HINT: &str = "addresses are shown in logs: put the password in a file and name it in `storage.password_file`";
/// Parameters behind the `?`, beside `sslmode`. What is not here is refused: taken and without effect would be worse.
const PARAMETERS: [&str; 15] = [
    "host",
    "port",
    "user",
    "dbname",
    "application_name",
    "options",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "load_balance_hosts",
    "channel_binding",
];

/// The address of a PostgreSQL database. It holds no password, so it may be shown.
#[derive(Clone, PartialEq)]
pub struct DatabaseUrl {
    written: String,
    config: ConnectConfig,
    is_encrypted: bool,
}

impl DatabaseUrl {
    /// Hosts, user, database and parameters. The caller adds the password, and TLS where it [is encrypted](Self::is_encrypted):
    /// without TLS at hand such a connection then fails.
    pub fn connect_config(&self) -> ConnectConfig {
        self.config.clone()
    }

    /// Whether connections use TLS and check the server's certificate and its name; otherwise they use none.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Whether every host is this machine, past every network.
    pub(super) fn is_loopback(&self) -> bool {
        self.config.get_hosts().iter().all(is_here)
    }

    fn read(text: &str) -> Result<DatabaseUrl, Refused> {
        let plain = ["postgres://", "postgresql://"];
        let Some(behind) = plain.iter().find_map(|scheme| text.strip_prefix(scheme)) else {
            let refused = Refused::because("is not the address of a PostgreSQL database");
            return Err(refused.hint(Some("it begins with `postgres://`".to_owned())));
        };
        // As the library does, whatever the password holds: the credentials end at the first `@`.
        if let Some((credentials, _)) = behind.split_once('@')
            && credentials.contains(':')
        {
            return Err(with_password());
        }
        let (address, parameters) = text.split_once('?').unwrap_or((text, ""));
        let (parameters, mode) = parameters_of(parameters)?;
        let config: ConnectConfig = format!("{address}?{}", parameters.join("&"))
            .parse()
            .map_err(|error: tokio_postgres::Error| unreadable(&error))?;
        check(&config)?;
        let hosts = config.get_hosts();
        let is_encrypted = mode.unwrap_or_else(|| !hosts.iter().all(is_here));
        if is_encrypted && hosts.iter().any(|host| matches!(host, Host::Unix(_))) {
            let refused = Refused::because("is to be encrypted, and a Unix socket cannot be");
            return Err(refused.hint(Some("leave `sslmode` away, or name hosts alone".to_owned())));
        }
        let mut url = DatabaseUrl {
            written: text.to_owned(),
            config,
            is_encrypted,
        };
        url.config.ssl_mode(if is_encrypted {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        Ok(url)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.written).finish()
    }
}

/// An address may hold a password where none is looked for, so that of a refused one nothing is shown.
pub(super) fn kind() -> Kind<DatabaseUrl> {
    Kind::new(ALLOWED, DatabaseUrl::read)
}

fn with_password() -> Refused {
    Refused::because("is an address with a password")
        .allowed("an address without one")
        .hint(Some(PASSWORD_HINT.to_owned()))
}

/// The parameters that the library reads, and whether `sslmode` asks for encryption, if it is there.
fn parameters_of(written: &str) -> Result<(Vec<&str>, Option<bool>), Refused> {
    let mut mode = None;
    let mut others = Vec::new();
    for parameter in written.split('&').filter(|it| !it.is_empty()) {
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(Refused::because("has a parameter without `=`"));
        };
        match name {
            "sslmode" => mode = Some(is_encrypting(value)?),
            "password" => return Err(with_password()),
            name if PARAMETERS.contains(&name) => others.push(parameter),
            name => return Err(unknown(name)),
        }
    }
    Ok((others, mode))
}

fn is_encrypting(mode: &str) -> Result<bool, Refused> {
    let why = match mode {
        "verify-full" => return Ok(true),
        "disable" => return Ok(false),
        "allow" | "prefer" => "which does without encryption wherever the other side wants to",
        "require" => "which encrypts, but for whoever answers",
        "verify-ca" => "which encrypts, but for any server that the authority vouches for",
        _ => return Err(Refused::because("has an unknown `sslmode`").allowed(MODES)),
    };
    let hint = "`verify-full` is the default; \
                an authority of your own stands in a file that `storage.ca_file` names";
    Err(Refused::because(format!("has `sslmode={mode}`, {why}"))
        .allowed(MODES)
        .hint(Some(hint.to_owned())))
}

fn unknown(name: &str) -> Refused {
    let hint = match name {
        "sslrootcert" => Some("the authority's file stands in `storage.ca_file`".to_owned()),
        "passfile" => Some("the password's file stands in `storage.password_file`".to_owned()),
        "sslcert" | "sslkey" => Some("certificates of clients are not supported".to_owned()),
        name => did_you_mean(name, PARAMETERS.into_iter().chain(["sslmode"])),
    };
    // What is near to no known one may be anything: part of a password, by a slip.
    let shown = match hint {
        Some(_) => format!("the parameter `{name}`, which is not known"),
        None => "a parameter that is not known".to_owned(),
    };
    let allowed = format!("behind the `?`, {}", listed(PARAMETERS));
    Refused::because(format!("has {shown}"))
        .allowed(format!("{allowed}, `sslmode`"))
        .hint(hint)
}

fn unreadable(error: &tokio_postgres::Error) -> Refused {
    // It names the parameter, and nothing of what that holds.
    Refused::because(match error.source() {
        Some(why) => format!("cannot be read ({why})"),
        None => "cannot be read".to_owned(),
    })
}

fn check(config: &ConnectConfig) -> Result<(), Refused> {
    let hosts = config.get_hosts();
    let is_host = |host: &Host| match host {
        Host::Tcp(name) => {
            let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
            !name.is_empty() && name.bytes().all(sign)
        }
        Host::Unix(_) => true,
    };
    if config.get_user().is_none_or(str::is_empty) {
        let refused = Refused::because("names no user");
        return Err(refused.hint(Some("the user stands before an `@`".to_owned())));
    }
    if hosts.is_empty() {
        let hint = "a Unix socket is `?host=` and its folder, as in `?host=/var/run/postgresql`";
        return Err(Refused::because("names no host").hint(Some(hint.to_owned())));
    }
    if !hosts.iter().all(is_host) {
        return Err(Refused::because("names a host that cannot be one"));
    }
    let ports = config.get_ports().len();
    if ports > 1 && ports != hosts.len() {
        return Err(Refused::because("has other ports than hosts").allowed("one for each"));
    }
    Ok(())
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => is_loopback_name(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DatabaseUrl {
        let read = DatabaseUrl::read(text);
        read.unwrap_or_else(|refused| panic!("{text} {}", refused.words()))
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_it_says_otherwise() {
        for (text, is_encrypted, mode) in [
            ("postgres://u@db.example/d", true, SslMode::Require),
            ("postgresql://u@db:5433", true, SslMode::Require),
            ("postgres://u@127.0.0.1,db/d", true, SslMode::Require),
            (
                "postgres://u@10.0.0.1/d?sslmode=disable",
                false,
                SslMode::Disable,
            ),
            ("postgres://u@localhost/d", false, SslMode::Disable),
            (
                "postgres://u@[::1]:5433,127.0.0.2/d",
                false,
                SslMode::Disable,
            ),
            (
                "postgres://u@localhost/d?sslmode=verify-full",
                true,
                SslMode::Require,
            ),
            (
                "postgres://u@/d?host=/var/run/postgresql",
                false,
                SslMode::Disable,
            ),
            (
                "postgres://u@%2Fvar%2Frun%2Fpostgresql/d",
                false,
                SslMode::Disable,
            ),
        ] {
            let url = read(text);
            assert_eq!(url.is_encrypted(), is_encrypted, "{text}");
            assert_eq!(url.connect_config().get_ssl_mode(), mode, "{text}");
            assert_eq!(url.to_string(), text);
            assert_eq!(url, read(text));
        }
    }

    #[test]
    fn what_it_says_is_what_is_connected_to() {
        let parameters = "sslmode=verify-full&application_name=x&target_session_attrs=read-write";
        let url = read(&format!("postgres://u%40x@one:1,two:2/d%20b?{parameters}"));
        let config = url.connect_config();
        assert_eq!(config.get_user(), Some("u@x"));
        assert_eq!(config.get_password(), None);
        assert_eq!(config.get_dbname(), Some("d b"));
        assert_eq!(config.get_ports(), [1, 2]);
        let hosts = ["one", "two"].map(|name| Host::Tcp(name.to_owned()));
        assert_eq!(config.get_hosts(), hosts);
        assert_eq!(config.get_application_name(), Some("x"));
    }

    #[test]
    fn a_refused_address_shows_nothing_of_a_password() {
        for text in [
            "postgres://u:squeamish@db/d",
            "postgres://u:@db/d",
            "postgres://u:squea/mish@db/d",
            "postgres://u:squea@mish@db/d",
            "postgres://u@db/d?password=squeamish",
            "postgres://u@db/d?%70assword=squeamish",
            "postgres://u@db/d?squeamish",
            "postgres://u@squea?mish=@db/d",
            "postgres://u:squeamish@db/d?port=x",
            "postgres://u@db:squeamish/d",
            "mysql://u:squeamish@db/d",
            "u:squeamish@db/d",
            "squeamish",
        ] {
            let said = DatabaseUrl::read(text).unwrap_err().words();
            for part in ["squea", "mish"] {
                assert!(!said.contains(part), "{text} {said}");
            }
        }
    }
}
