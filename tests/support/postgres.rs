//! A real PostgreSQL for tests: a server in a temporary folder, and databases on it.
//!
//! Shared with the library's own tests, so it names nothing of this crate.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(
    unreachable_pub,
    reason = "a module of the library's tests is reachable from nowhere else"
)]

#[path = "postgres/machine.rs"]
mod machine;

use machine::{as_user, free_port, keep, other_user, programs, send, wait_for};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio_postgres::{Config, Error, NoTls, Row};

/// Far longer than a start takes.
const DEADLINE: Duration = Duration::from_mins(1);
const SUPERUSER: &str = "postgres";

/// What holds for every server.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
autovacuum_naptime = 1h
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
password_encryption = 'scram-sha-256'
";

/// Of a server whose databases are to survive its own death, but not the machine's.
const QUICK: &str = "
fsync = off
full_page_writes = off
";

/// A server, for as long as somebody has it or one of its databases.
#[derive(Clone)]
pub struct Postgres(Arc<Server>);

struct Server {
    folder: PathBuf,
    programs: PathBuf,
    /// Whom it runs as, where that is not who runs the test: it refuses to be root.
    user: Option<(u32, u32)>,
    port: u16,
    running: Mutex<Option<Child>>,
    keeper: Mutex<(Child, Option<ChildStdin>)>,
}

impl Postgres {
    /// The server of this process, for whoever wants databases and no more.
    pub fn shared() -> Postgres {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Postgres::start).clone()
    }

    /// One of its own, which may be stopped.
    pub fn start() -> Postgres {
        Postgres::with(None, QUICK)
    }

    /// The same, whose commits are on the disk before it answers: for what is measured.
    pub fn start_durable() -> Postgres {
        Postgres::with(None, "")
    }

    /// One of its own, taking nobody without TLS but through its Unix socket; certificate and key in PEM.
    pub fn start_with_tls(certificate: &str, key: &str) -> Postgres {
        Postgres::with(Some((certificate, key)), QUICK)
    }

    fn with(identity: Option<(&str, &str)>, durability: &str) -> Postgres {
        let programs = programs();
        let user = other_user();
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir();
        let folder = folder.unwrap().keep();
        let (data, owned) = (folder.join("data"), |path: &Path| {
            if let Some((user, group)) = user {
                chown(path, Some(user), Some(group)).unwrap();
            }
        });
        let keeper = keep(&folder);
        owned(&folder);
        let initdb = as_user(&programs.join("initdb"), &folder, user)
            .args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust"])
            .arg(format!("--username={SUPERUSER}"))
            .arg(&data)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&initdb.stderr);
        assert!(initdb.status.success(), "initdb: {said}");
        let mut settings = SETTINGS.to_owned() + durability;
        settings += &format!("unix_socket_directories = '{}'\n", folder.display());
        let mut network = "host all all 127.0.0.1/32 scram-sha-256\n";
        if let Some((certificate, key)) = identity {
            let shown = [("certificate.pem", certificate), ("key.pem", key)];
            let [certificate, key] = shown.map(|(name, text)| {
                let path = folder.join(name);
                fs::write(&path, text).unwrap();
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                fs::set_permissions(&path, mode).unwrap();
                owned(&path);
                path.display().to_string()
            });
            settings +=
                &format!("ssl = on\nssl_cert_file = '{certificate}'\nssl_key_file = '{key}'\n");
            network = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
        }
        let file = data.join("postgresql.conf");
        let written = fs::read_to_string(&file).unwrap() + &settings;
        fs::write(file, written).unwrap();
        fs::write(
            data.join("pg_hba.conf"),
            format!("local all all trust\n{network}"),
        )
        .unwrap();
        let mut server = Server {
            folder,
            programs,
            user,
            port: 0,
            running: Mutex::new(None),
            keeper: Mutex::new(keeper),
        };
        // A port that is free now may be another test's a moment later.
        for _ in 0..10 {
            server.port = free_port();
            if server.run() {
                return Postgres(Arc::new(server));
            }
        }
        panic!("postgres does not start:\n{}", server.log());
    }

    /// A new, empty database with a role of its own, who owns it and is nobody else.
    pub fn database(&self) -> Database {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let database = Database {
            password: format!("squeamish-{number}"),
            server: self.clone(),
            name,
        };
        let Database { name, password, .. } = &database;
        self.execute(&format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"));
        self.execute(&format!("CREATE DATABASE {name} OWNER {name}"));
        database
    }

    /// Where it is on loopback.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.0.port).into()
    }

    /// The folder of its Unix socket.
    pub fn socket(&self) -> &Path {
        &self.0.folder
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        self.0.log()
    }

    /// At once, as a crash: nobody is told, nothing is brought to an end. What was committed is there at the next start.
    pub fn stop(&self) {
        self.0.end("QUIT");
    }

    /// As an administrator does it: what is in the middle of something is told to go.
    pub fn stop_well(&self) {
        self.0.end("INT");
    }

    /// At the same place as before.
    pub fn start_again(&self) {
        assert!(self.0.run(), "postgres does not start:\n{}", self.log());
    }

    /// Runs statements as superuser, in the database `postgres`.
    pub fn execute(&self, sql: &str) {
        self.0.execute(SUPERUSER, sql);
    }
}

impl Server {
    /// Whether it answers; where it can't begin it has ended.
    fn run(&self) -> bool {
        let mut running = self.running.lock().unwrap();
        assert!(running.is_none(), "postgres runs already");
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))
            .unwrap();
        let child = as_user(&self.programs.join("postgres"), &self.folder, self.user)
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-p", &self.port.to_string()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let child = running.insert(child);
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            if child.try_wait().unwrap().is_some() {
                *running = None;
                return false;
            }
            if self.ask(SUPERUSER, "").is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("postgres does not answer:\n{}", self.log());
    }

    fn end(&self, signal: &str) {
        let mut running = self.running.lock().unwrap();
        let mut child = running.take().expect("postgres does not run");
        send(signal, child.id());
        child.wait().unwrap();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn connect(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(&self.folder)
            .port(self.port)
            .user(SUPERUSER)
            .dbname(database);
        config
    }

    fn execute(&self, database: &str, sql: &str) {
        self.ask(database, sql)
            .unwrap_or_else(|error| panic!("{sql}: {}", told(&error)));
    }

    fn ask(&self, database: &str, sql: &str) -> Result<(), Error> {
        let (config, sql) = (self.connect(database), sql.to_owned());
        wait_for(async move {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(&sql).await
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut();
        let (keeper, held) = keeper.unwrap_or_else(std::sync::PoisonError::into_inner);
        *held = None;
        keeper.wait().ok();
        let running = self.running.get_mut();
        let running = running.unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(child) = running {
            child.wait().ok();
        }
    }
}

/// A database, which goes when this is dropped.
pub struct Database {
    server: Postgres,
    name: String,
    password: String,
}

impl Database {
    /// Its address on loopback, without the password.
    pub fn url(&self) -> String {
        self.url_at(self.server.address())
    }

    /// The same where a proxy or another listens.
    pub fn url_at(&self, address: SocketAddr) -> String {
        format!("postgres://{0}@{address}/{0}", self.name)
    }

    /// Its address by the Unix socket, where no password is asked for.
    pub fn socket_url(&self) -> String {
        let (socket, port) = (self.server.socket().display(), self.server.0.port);
        format!("postgres://{0}@/{0}?host={socket}&port={port}", self.name)
    }

    pub fn password(&self) -> &str {
        &self.password
    }

    /// Of the database and of the role that owns it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn server(&self) -> &Postgres {
        &self.server
    }

    /// Runs statements as superuser, past every proxy.
    pub fn execute(&self, sql: &str) {
        self.server.0.execute(&self.name, sql);
    }

    /// The one row that a query has, asked for in the same way.
    pub fn query_one(&self, sql: &str) -> Row {
        self.query(sql)
            .unwrap_or_else(|error| panic!("{sql}: {}", told(&error)))
    }

    fn query(&self, sql: &str) -> Result<Row, Error> {
        let (config, sql) = (self.server.0.connect(&self.name), sql.to_owned());
        wait_for(async move {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            client.query_one(&sql, &[]).await
        })
    }

    /// Ends every session of its role, as an administrator may; how many there were.
    pub fn end_sessions(&self) -> i64 {
        let row = self.query_one(&format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{}'",
            self.name
        ));
        row.get(0)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that was stopped takes its databases with it.
        let (server, name) = (&self.server.0, &self.name);
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        if server.ask(SUPERUSER, &drop).is_ok() {
            server.ask(SUPERUSER, &format!("DROP ROLE {name}")).ok();
        }
    }
}

/// With what the server said of it.
pub fn told(error: &Error) -> String {
    match error.as_db_error() {
        Some(error) => error.to_string(),
        None => format!("{error:?}"),
    }
}
