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
    "treino_local/chaos/__init__.py",
    "treino_local/chaos/faults.py",
    "treino_local/chaos/refusals.py",
    "treino_local/cloudtrail/__init__.py",
    "treino_local/cloudtrail/log_bucket.py",
    "treino_local/cloudtrail/trail_events.py",
    "treino_local/cloudtrail/trail_logs.py",
    "treino_local/cloudtrail/trail_select.py",
    "treino_local/cloudtrail/trails.py",
    "treino_local/eventbridge/__init__.py",
    "treino_local/eventbridge/connections.py",
    "treino_local/eventbridge/rules.py",
    "treino_local/functions/__init__.py",
    "treino_local/functions/bootstrap.js",
    "treino_local/functions/bootstrap.py",
    "treino_local/functions/confine.py",
    "treino_local/functions/environment.py",
    "treino_local/functions/folders.py",
    "treino_local/functions/invocations.py",
    "treino_local/functions/launch.py",
    "treino_local/functions/logs.py",
    "treino_local/functions/runtimes.py",
    "treino_local/functions/sizes.py",
    "treino_local/functions/worker.py",
    "treino_local/glacier/__init__.py",
    "treino_local/glacier/vault_tags.py",
    "treino_local/glacier/vaults.py",
    "treino_local/guard.py",
    "treino_local/iam/__init__.py",
    "treino_local/iam/policies.py",
    "treino_local/iam/resource_arns.py",
    "treino_local/iam/simulate.py",
    "treino_local/patching.py",
    "treino_local/process.py",
    "treino_local/rekognition/__init__.py",
    "treino_local/rekognition/faces.py",
    "treino_local/rekognition/images.py",
    "treino_local/rekognition/labels.py",
    "treino_local/rekognition/pictures.py",
    "treino_local/rekognition/service.py",
    "treino_local/s3/__init__.py",
    "treino_local/s3/buckets.py",
    "treino_local/s3/directory_actions.py",
    "treino_local/s3/directory_buckets.py",
    "treino_local/s3/directory_names.py",
    "treino_local/s3/directory_sessions.py",
    "treino_local/s3/directory_tags.py",
    "treino_local/s3/s3_calls.py",
    "treino_local/shapes.py",
    "treino_local/step_functions/__init__.py",
    "treino_local/step_functions/histories.py",
    "treino_local/step_functions/http_requests.py",
    "treino_local/step_functions/http_tasks.py",
    "treino_local/step_functions/machines.py",
    "treino_local/step_functions/parallels.py",
    "treino_local/step_functions/paths.py",
    "treino_local/step_functions/sdk_calls.py",
    "treino_local/step_functions/sync_executions.py",
    "treino_local/step_functions/task_events.py",
    "treino_local/step_functions/variables.py",
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
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "py" || e == "js") {
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
