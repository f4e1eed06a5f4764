//! treino: parse the arguments, run the verb, end with its exit code.

use std::process::ExitCode;

use clap::Parser;
use treino::cli::{Cli, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One thread does: the work is waiting for answers.
    match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => {
            eprintln!("error: the system gives no resources to wait for answers: {error}");
            ExitCode::from(1)
        }
    }
}
