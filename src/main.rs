//! treino: parse the arguments, run the verb, end with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    treino::cli::main()
}
