//! The server and the network that other tests rely on do what they say.

use crate::support::certificates::Authority;
use crate::support::postgres::{Database, Postgres, told};
use crate::support::proxy::Proxy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Far longer than anything that passes takes.
const SOON: Duration = Duration::from_secs(20);
/// Long enough to see that nothing comes.
const A_WHILE: Duration = Duration::from_millis(300);

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().unwrap()
}

fn config(url: &str, password: &str) -> Config {
    let mut config: Config = url.parse().unwrap();
    config.password(password);
    config
}

async fn connect(config: &Config) -> Result<Client, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn number(client: &Client, sql: &str) -> Result<i32, Error> {
    client.query_one(sql, &[]).await.map(|row| row.get(0))
}

#[test]
fn a_database_is_its_owners_and_asks_for_the_password() {
    let server = Postgres::shared();
    let database = server.database();
    runtime().block_on(async {
        let right = config(&database.url(), database.password());
        let client = connect(&right).await.unwrap();
        client
            .batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
            .await
            .unwrap();
        assert_eq!(number(&client, "SELECT n FROM kept").await.unwrap(), 7);
        let superuser = "SELECT rolsuper::int FROM pg_roles WHERE rolname = current_user";
        assert_eq!(number(&client, superuser).await.unwrap(), 0);

        let wrong = connect(&config(&database.url(), "wrong"))
            .await
            .err()
            .unwrap();
        assert!(
            told(&wrong).contains("password authentication failed"),
            "{wrong:?}"
        );
        let socket: Config = database.socket_url().parse().unwrap();
        assert_eq!(
            number(&connect(&socket).await.unwrap(), "SELECT n FROM kept")
                .await
                .unwrap(),
            7
        );
    });
    assert_eq!(database.query_one("SELECT n FROM kept").get::<_, i32>(0), 7);
    let other = server.database();
    assert_ne!(other.name(), database.name());
    let name = database.name().to_owned();
    drop(database);
    let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(other.query_one(&left).get::<_, i64>(0), 0);
}

#[test]
fn a_server_that_crashes_keeps_what_was_committed() {
    let server = Postgres::start();
    let database = server.database();
    let config = config(&database.url(), database.password());
    database.execute("CREATE TABLE kept AS SELECT 7 AS n");
    let runtime = runtime();
    let client = runtime.block_on(connect(&config)).unwrap();
    server.stop();
    assert!(runtime.block_on(number(&client, "SELECT 1")).is_err());
    assert!(runtime.block_on(connect(&config)).is_err());
    server.start_again();
    assert_eq!(database.query_one("SELECT n FROM kept").get::<_, i32>(0), 7);
    server.stop_well();
    server.start_again();
    let client = runtime.block_on(connect(&config)).unwrap();
    assert_eq!(database.end_sessions(), 1);
    assert!(runtime.block_on(number(&client, "SELECT 1")).is_err());
}

#[test]
fn with_tls_nobody_is_taken_without_and_the_certificate_is_what_it_should_be() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let shown = ours.loopback();
    let server = Postgres::start_with_tls(&shown.certificate, &shown.key);
    let database = server.database();
    let mut config = config(&database.url(), database.password());
    let trusting = |authority: &Authority| {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        MakeRustlsConnect::new(client)
    };
    runtime().block_on(async {
        config.ssl_mode(SslMode::Disable);
        let open = connect(&config).await.err().unwrap();
        assert!(told(&open).contains("no encryption"), "{open:?}");
        config.ssl_mode(SslMode::Require);
        assert!(config.connect(trusting(&theirs)).await.is_err());
        let (client, connection) = config.connect(trusting(&ours)).await.unwrap();
        tokio::spawn(connection);
        let is_encrypted = "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        assert_eq!(number(&client, is_encrypted).await.unwrap(), 1);
    });
}

fn through(proxy: &Proxy, database: &Database) -> Config {
    config(&database.url_at(proxy.address()), database.password())
}

#[test]
fn a_proxy_cuts_what_is_there_and_refuses_what_comes() {
    let database = Postgres::shared().database();
    let proxy = Proxy::before(database.server().address());
    let config = through(&proxy, &database);
    runtime().block_on(async {
        let client = connect(&config).await.unwrap();
        assert_eq!(number(&client, "SELECT 1").await.unwrap(), 1);
        assert_eq!((proxy.connections(), proxy.accepted()), (1, 1));
        proxy.cut();
        let asked = timeout(SOON, number(&client, "SELECT 1")).await.unwrap();
        assert!(asked.is_err());
        let again = connect(&config).await.unwrap();
        proxy.refuse();
        assert_eq!(number(&again, "SELECT 1").await.unwrap(), 1);
        assert!(timeout(SOON, connect(&config)).await.unwrap().is_err());
        proxy.mend();
        connect(&config).await.unwrap();
    });
}

#[test]
fn what_a_partition_holds_arrives_late_or_never() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE arrived (n int); GRANT ALL ON arrived TO PUBLIC");
    let arrived = || {
        database
            .query_one("SELECT count(*)::int FROM arrived")
            .get::<_, i32>(0)
    };
    let wait_for = |count| {
        let deadline = Instant::now() + SOON;
        while arrived() != count {
            assert!(
                Instant::now() < deadline,
                "{} of {count} arrived",
                arrived()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let sessions = || {
        let of = format!(
            "SELECT count(*)::int FROM pg_stat_activity WHERE usename = '{}'",
            database.name()
        );
        database.query_one(&of).get::<_, i32>(0)
    };
    let proxy = Proxy::before(database.server().address());
    let config = through(&proxy, &database);
    let runtime = runtime();
    let client = runtime.block_on(connect(&config)).unwrap();
    let insert = || client.batch_execute("INSERT INTO arrived VALUES (1)");

    // Late.
    proxy.freeze();
    let waits = runtime.block_on(async {
        let mut insert = Box::pin(insert());
        assert!(timeout(A_WHILE, &mut insert).await.is_err());
        assert_eq!(arrived(), 0);
        assert!(timeout(A_WHILE, connect(&config)).await.is_err());
        proxy.mend();
        timeout(SOON, insert).await.unwrap()
    });
    waits.unwrap();
    wait_for(1);

    // It arrives, and nobody hears of it.
    proxy.freeze_answers();
    runtime.block_on(async {
        let mut insert = Box::pin(insert());
        assert!(timeout(A_WHILE, &mut insert).await.is_err());
        wait_for(2);
        proxy.cut();
        assert!(timeout(SOON, insert).await.unwrap().is_err());
    });
    proxy.mend();

    // A client that goes while nothing passes is still there to the server.
    let client = runtime.block_on(connect(&config)).unwrap();
    assert_eq!(sessions(), 1);
    proxy.freeze();
    drop(client);
    std::thread::sleep(A_WHILE);
    assert_eq!(sessions(), 1);
    proxy.mend();
    let deadline = Instant::now() + SOON;
    while sessions() > 0 {
        assert!(Instant::now() < deadline, "the session stays");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Set for the process that is killed.
const KILLED: &str = "POSTGRES_OF_A_TEST_THAT_IS_KILLED";

#[test]
fn nothing_is_left_of_a_server_whose_test_was_killed() {
    if std::env::var_os(KILLED).is_some() {
        let server = Postgres::start();
        println!("folder {}", server.socket().display());
        std::thread::sleep(SOON * 10);
        return;
    }
    let test = "postgres::nothing_is_left_of_a_server_whose_test_was_killed";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(KILLED, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = std::io::BufReader::new(child.stdout.take().unwrap());
    let folder = std::io::BufRead::lines(said)
        .find_map(|line| {
            line.unwrap()
                .split_once("folder ")
                .map(|(_, path)| path.to_owned())
        })
        .unwrap();
    let (folder, data) = (std::path::Path::new(&folder), format!("{folder}/data"));
    let is_running = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let mut commands = processes.filter_map(|it| std::fs::read(it.path().join("cmdline")).ok());
        commands.any(|command| String::from_utf8_lossy(&command).contains(&data))
    };
    assert!(folder.is_dir() && is_running());
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + SOON;
    while folder.exists() || is_running() {
        assert!(Instant::now() < deadline, "the server outlives its test");
        std::thread::sleep(Duration::from_millis(20));
    }
}
