//! A port that is taken, and servers that are absent or bare.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use callbox_testkit::{Nats, Postgres};

use crate::support::{self, callbox};
use crate::{Ended, FAILED, Folder, good_rows, run, run_with};

#[test]
fn a_port_in_use() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (setting, variable) in
        [("listen.grpc", "CALLBOX_LISTEN__GRPC"), ("listen.admin", "CALLBOX_LISTEN__ADMIN")]
    {
        let mut command = callbox();
        command
            .args(["up", "--demo", "--data"])
            .arg(folder.path("data"))
            .envs([("CALLBOX_LISTEN__GRPC", "127.0.0.1:0"), ("CALLBOX_LISTEN__ADMIN", "127.0.0.1:0")])
            .env(variable, &address);
        let said = format!("cannot listen on {address}; set {setting} to another address");
        run(&mut command, b"").says(FAILED, &[&said]);
    }
}

#[test]
fn nobody_answers() {
    let nowhere = format!("http://127.0.0.1:{}", support::free_port());
    let folder = Folder::new();
    let profile = folder.profile("csv");
    let file = folder.write("good.csv", good_rows());
    let to = [
        "replay".as_ref(),
        file.as_os_str(),
        "--feed".as_ref(),
        profile.as_os_str(),
        "--to".as_ref(),
        nowhere.as_ref(),
    ];
    run_with(to).says(FAILED, &["nobody answers at", &nowhere]);
    run_with(["watch", "--from", &nowhere]).says(FAILED, &["nobody answers at", &nowhere]);
    let admin = nowhere.trim_start_matches("http://");
    run_with(["health", "--admin", admin]).says(FAILED, &["nobody answers at", admin]);
}

/// A configuration over these servers.
fn configuration(folder: &Folder, name: &str, nats: &str, postgres: &str) -> PathBuf {
    let keys = folder.path("keys").display().to_string();
    let text = format!(
        "[bus]\nurl = {nats:?}\n[store]\nurl = {postgres:?}\n[feeds]\nprofiles = [\"csv.toml\"]\n\
         [listen]\ngrpc = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n[keys]\n\
         redact_public_file = \"{keys}/ingest/redact.pub\"\nidentity_file = \"{keys}/ingest/identity.key\"\n\
         redact_private_file = \"{keys}/redact/redact.key\"\nclassify_public_file = \"{keys}/redact/classify.pub\"\n\
         classify_private_file = \"{keys}/classify/classify.key\"\n",
    );
    folder.write(name, text)
}

/// Runs a command off the runtime's workers.
async fn run_aside(arguments: Vec<String>) -> Ended {
    tokio::task::spawn_blocking(move || run_with(arguments)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_nats_and_no_postgres() {
    let nats = Nats::start().await.unwrap();
    let folder = Folder::new();
    folder.profile("csv");
    folder.keys();
    let closed = support::free_port();
    let (no_nats, no_postgres) = (
        format!("nats://callbox:hidden-word@127.0.0.1:{closed}"),
        format!("postgres://callbox:hidden-word@127.0.0.1:{closed}/callbox"),
    );
    let without_nats = configuration(&folder, "without-nats.toml", &no_nats, &no_postgres);
    let without_postgres = configuration(&folder, "without-postgres.toml", &nats.url(), &no_postgres);
    let command = |words: &[&str], config: &Path| {
        let words = words.iter().copied().chain(["--config", config.to_str().unwrap()]);
        run_aside(words.map(str::to_owned).collect())
    };
    let (ingest, letters, notify, migrate) = tokio::join!(
        command(&["serve", "ingest"], &without_nats),
        command(&["dead-letters", "list"], &without_nats),
        command(&["serve", "notify"], &without_postgres),
        command(&["migrate"], &without_postgres),
    );
    let nats_said = [
        &format!("no NATS JetStream at nats://callbox:********@127.0.0.1:{closed} (bus.url)"),
        "is nats-server running with --jetstream?",
    ];
    let postgres_said =
        [&*format!("PostgreSQL at postgres://callbox:********@127.0.0.1:{closed}/callbox (store.url)")];
    ingest.says(FAILED, &nats_said);
    letters.says(FAILED, &nats_said);
    notify.says(FAILED, &postgres_said);
    migrate.says(FAILED, &postgres_said);
    for ended in [ingest, letters, notify, migrate] {
        assert!(!ended.err.contains("hidden-word"), "{}", ended.err);
        // They wait for servers that start at the same time, ten seconds, and not much longer.
        let seconds = ended.took.as_secs();
        assert!((9..30).contains(&seconds), "gave up after {seconds} s: {}", ended.err);
    }
}

/// What a service says on servers without streams and tables.
async fn on_bare_servers(role: &str) -> Ended {
    let (nats, postgres) = tokio::join!(Nats::start(), Postgres::shared());
    let nats = nats.unwrap();
    let folder = Folder::new();
    folder.profile("csv");
    folder.keys();
    let config = configuration(&folder, "callbox.toml", &nats.url(), &postgres.database().await);
    let arguments = ["serve", role, "--config", config.to_str().unwrap()].map(str::to_owned);
    run_aside(arguments.to_vec()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_were_not_migrated() {
    for role in ["redact", "classify", "notify"] {
        on_bare_servers(role).await.says(FAILED, &["callbox migrate"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ingest_takes_no_calls_without_a_stream() {
    on_bare_servers("ingest").await.says(FAILED, &["callbox migrate"]);
}
