//! Whether a policy has changed on disk: by the content of every file that it is read from, for times can lie.

use super::templates::files_below;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What files and folders hold at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// What `sources` hold now; two are equal where nothing that is read has changed. Of a folder all files in it count.
/// What is missing or cannot be read counts as such.
pub fn fingerprint(sources: &[PathBuf]) -> Fingerprint {
    let mut hash = Sha256::new();
    for source in sources {
        if source.is_dir() {
            for file in files_below(source) {
                hash = of_file(hash, &file);
            }
        } else {
            hash = of_file(hash, source);
        }
    }
    Fingerprint(hash.finalize().into())
}

fn of_file(hash: Sha256, file: &Path) -> Sha256 {
    let content = std::fs::read(file).map_err(|error| format!("{:?}", error.kind()).into_bytes());
    let (is_read, content) = match content {
        Ok(content) => (1, content),
        Err(why) => (0, why),
    };
    let name = file.as_os_str().as_encoded_bytes();
    // Lengths keep apart what would otherwise read the same.
    let lengths = [name.len().to_be_bytes(), content.len().to_be_bytes()].concat();
    hash.chain_update([is_read]).chain_update(lengths).chain_update(name).chain_update(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_a_policy_is_read_from_is_known_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("own/parts")).unwrap();
        fs::write(at("a.toml"), "x").unwrap();
        fs::write(at("own/parts/next.md"), "y").unwrap();
        let sources = [at("a.toml"), at("days.ics"), at("own")];
        let mut seen = vec![fingerprint(&sources)];
        assert_eq!(fingerprint(&sources), seen[0]);
        for (name, text) in [
            ("a.toml", "z"),
            ("days.ics", ""),
            ("days.ics", "x"),
            ("own/parts/next.md", "yy"),
            ("own/closing.md", ""),
            // The same bytes, cut elsewhere.
            ("own/closing.md", "yy"),
        ] {
            fs::write(at(name), text).unwrap();
            let now = fingerprint(&sources);
            assert!(!seen.contains(&now), "{name} {text}");
            seen.push(now);
        }
        // With its size and time as they were.
        let time = fs::metadata(at("a.toml")).unwrap().modified().unwrap();
        fs::write(at("a.toml"), "q").unwrap();
        fs::File::options().write(true).open(at("a.toml")).unwrap().set_modified(time).unwrap();
        assert!(!seen.contains(&fingerprint(&sources)));
        fs::write(at("a.toml"), "z").unwrap();
        assert_eq!(fingerprint(&sources), seen[6]);
        fs::remove_file(at("own/closing.md")).unwrap();
        assert_eq!(fingerprint(&sources), seen[4]);
    }
}
