//! SimRelay on a desktop: the gateway with a simulated phone.

mod cli;
mod console;
mod demo;
mod phone;
mod recover;
mod serve;
mod simulator;
mod webhook;

use std::process::ExitCode;

use clap::Parser;
use simrelay_core::OpenError;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let outcome = match cli.command {
        Some(cli::Command::Demo) => demo::run(),
        Some(cli::Command::Recover(options)) => recover::run(&options),
        Some(cli::Command::Webhook(cli::WebhookCommand::Test(options))) => webhook::test(&options),
        Some(cli::Command::Serve(options)) => serve::run(&options),
        None => serve::run(&cli.serve),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simrelay: {error:#}");
            match error.downcast_ref() {
                // The command line is wrong, so the code is the same as clap's.
                Some(OpenError::Access(_)) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
