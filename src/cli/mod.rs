//! The command line: arguments, dispatch, exit codes.

/// Runs the command line.
pub fn run(_arguments: std::env::ArgsOs) -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
