//! The program: everything is in the library, see its map.

// A mail's way makes and frees many small pieces, on several threads: the system's allocator took an eighth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mailclerk::cli::run()
}
