//! The additions to MiniStack, carried in the binary.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// MiniStack and what the additions need.
pub const REQUIREMENTS: &str = include_str!("requirements.txt");
/// What finding faces needs.
pub const REQUIREMENTS_FACES: &str = include_str!("requirements-faces.txt");

macro_rules! extension {
    ($($name:literal),* $(,)?) => {
        /// Every file of the extension, by its path in it.
        const EXTENSION: &[(&str, &str)] = &[$(($name, include_str!(concat!("extension/", $name)))),*];
    };
}

extension![
    "main.py",
    "treino_local/__init__.py",
    "treino_local/buckets.py",
    "treino_local/chaos.py",
    "treino_local/connections.py",
    "treino_local/directory_actions.py",
    "treino_local/directory_buckets.py",
    "treino_local/directory_names.py",
    "treino_local/directory_sessions.py",
    "treino_local/directory_tags.py",
    "treino_local/faces.py",
    "treino_local/front.py",
    "treino_local/ground.py",
    "treino_local/histories.py",
    "treino_local/http_requests.py",
    "treino_local/http_tasks.py",
    "treino_local/images.py",
    "treino_local/labels.py",
    "treino_local/lambdas.py",
    "treino_local/log_bucket.py",
    "treino_local/machines.py",
    "treino_local/parallels.py",
    "treino_local/paths.py",
    "treino_local/pictures.py",
    "treino_local/policies.py",
    "treino_local/refusals.py",
    "treino_local/rekognition.py",
    "treino_local/resource_arns.py",
    "treino_local/rules.py",
    "treino_local/s3_calls.py",
    "treino_local/sdk_calls.py",
    "treino_local/shapes.py",
    "treino_local/simulate.py",
    "treino_local/surroundings.py",
    "treino_local/sync_executions.py",
    "treino_local/task_events.py",
    "treino_local/trail_events.py",
    "treino_local/trail_logs.py",
    "treino_local/trail_select.py",
    "treino_local/trails.py",
    "treino_local/variables.py",
    "treino_local/vault_tags.py",
    "treino_local/vaults.py",
];

/// A short name for these contents.
#[must_use]
pub fn fingerprint(contents: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for content in contents {
        hasher.update(content.as_bytes());
        hasher.update([0]);
    }
    hasher
        .finalize()
        .iter()
        .take(6)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The fingerprint of the extension.
#[must_use]
pub fn extension_fingerprint() -> String {
    let contents: Vec<&str> = EXTENSION
        .iter()
        .flat_map(|(name, text)| [*name, *text])
        .collect();
    fingerprint(&contents)
}

/// Writes the extension into a folder.
///
/// # Errors
/// What the file system says.
pub fn write_extension(folder: &Path) -> std::io::Result<()> {
    for (name, text) in EXTENSION {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_extension_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/local/extension");
        let mut found = Vec::new();
        for folder in ["", "treino_local"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|e| e == "py") {
                    found.push(
                        path.strip_prefix(&root)
                            .unwrap()
                            .to_string_lossy()
                            .into_owned(),
                    );
                }
            }
        }
        found.sort();
        let mut carried: Vec<String> = EXTENSION
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        carried.sort();
        assert_eq!(found, carried);
    }
}
