//! The `scimshim` binary: hands the command line to [`scimshim::cli`].

fn main() -> std::process::ExitCode {
    scimshim::cli::run(std::env::args_os())
}
