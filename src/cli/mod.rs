//! The command line: the edge where arguments become effects.
//!
//! Invariant: a command ends with 0, 1 or 2 and says on standard error why it is not 0; standard output is for what
//! was asked for. Not here: what the commands do beyond arguments, words and exit codes. Called by `main`.

mod arguments;
mod backfill;
mod check;
mod demo;
mod doctor;
mod explain;
mod glance;
mod health;
mod reconcile;
mod replay;
mod serve;
mod simulate;
mod state;
mod until_stopped;

use crate::{config, web};
use arguments::{Arguments, Command};
use clap::Parser;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// Why a command did not end well.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The arguments are right, but it could not be done.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
    /// The configuration, or what was asked for, is wrong.
    #[error(transparent)]
    Invalid(#[from] config::Invalid),
    /// So are the arguments, by what the configuration holds.
    #[error("{0}")]
    Usage(String),
    /// So is what `--web.config.file` names.
    #[error(transparent)]
    Gate(#[from] web::GateError),
}

impl Failure {
    fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Failed(_) => ExitCode::from(1),
            Failure::Invalid(_) | Failure::Usage(_) | Failure::Gate(_) => ExitCode::from(2),
        }
    }
}

/// Runs one command. 0: done, also after SIGTERM and SIGINT; 1: failed; 2: usage or configuration.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    until_stopped::outlive_hangups();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refused) => {
            // Help and version go to standard output and end with 0, refusals to standard error with 2. Where nobody
            // listens, there is nothing to do about it.
            refused.print().ok();
            return ExitCode::from(u8::try_from(refused.exit_code()).unwrap_or(2));
        }
    };
    match arguments.command {
        Command::Serve {
            source,
            logs,
            lifecycle,
            rebuild,
        } => ended(serve::run(&source, logs, lifecycle, rebuild)),
        Command::Check(source) => ended(check::run(&source)),
        Command::Doctor(args) => doctor::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::State(args) => ended(state::run(args)),
        Command::Reconcile(args) => reconcile::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Backfill(args) => ended(backfill::run(&args)),
        Command::Demo(args) => ended(demo::run(&args)),
        Command::Simulate(args) => ended(simulate::run(&args).map_err(Failure::from)),
        Command::Health(source) => ended(health::run(&source)),
    }
}

fn ended(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&format!("error: {failure}"));
            failure.exit_code()
        }
    }
}

/// Writes to standard output. A reader that left early (`| head`) has what it wanted.
fn say(text: &str) -> Result<(), anyhow::Error> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes to standard error; where that is closed, nobody can be told.
fn complain(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
