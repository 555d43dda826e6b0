//! A small disk for the database, which can be filled.

use std::path::{Path, PathBuf};
use std::process::Command;

/// How large it is.
const SIZE: &str = "size=96m";

/// A small file system in memory.
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Makes it; `None` where nothing may be mounted: then the folder is made and never full.
    pub fn under(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).expect("made");
        let is_ours = std::env::var_os("FIRE_MOUNT").is_some();
        let mounted = is_ours && run("mount", &["-t", "tmpfs", "-o", SIZE, "tmpfs"], at);
        mounted.then(|| Self { at: at.to_owned() })
    }

    /// Fills it to the last octet.
    pub fn fill(&self) {
        let mut filler = std::fs::File::create(self.at.join("filler")).expect("made");
        let block = vec![0; 64 * 1024];
        for size in [block.len(), 512, 1] {
            while std::io::Write::write_all(&mut filler, &block[..size]).is_ok() {}
        }
    }

    /// There is room again.
    pub fn free(&self) {
        let _ = std::fs::remove_file(self.at.join("filler"));
    }

    /// Copies what is on it to where it stays.
    pub fn keep(&self) {
        let _ = Command::new("cp").arg("-r").arg(&self.at).arg(self.at.with_extension("copy")).status();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &["-l"], &self.at);
    }
}

fn run(program: &str, arguments: &[&str], at: &Path) -> bool {
    Command::new(program).args(arguments).arg(at).status().is_ok_and(|status| status.success())
}
