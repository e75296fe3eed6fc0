//! The `scimshim` binary: hands the command line to [`scimshim::cli`].

/// Two trees of JSON for every request are many small pieces: the system's allocator takes a quarter
/// of a request's instructions for them.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    scimshim::cli::run(std::env::args_os())
}
