//! treino's extension of MiniStack, embedded in the binary.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::source::hexadecimal;

/// MiniStack and the dependencies of the extension.
pub const REQUIREMENTS: &str = include_str!("requirements.txt");
/// The dependencies of face detection.
pub const REQUIREMENTS_FACES: &str = include_str!("requirements-faces.txt");
/// The packages available to functions in Python.
pub const REQUIREMENTS_FUNCTIONS: &str = include_str!("requirements-functions.txt");
/// The packages available to functions in Node.js.
pub const NODE_PACKAGE: &str = include_str!("node/package.json");
pub const NODE_LOCK: &str = include_str!("node/package-lock.json");

macro_rules! extension {
    ($($name:literal),* $(,)?) => {
        /// Every file of the extension, by its path in it.
        const EXTENSION: &[(&str, &str)] = &[$(($name, include_str!(concat!("extension/", $name)))),*];
    };
}

extension![
    "main.py",
    "treino_local/__init__.py",
    "treino_local/backend.py",
    "treino_local/chaos/__init__.py",
    "treino_local/chaos/faults.py",
    "treino_local/chaos/refusals.py",
    "treino_local/cloudtrail/__init__.py",
    "treino_local/cloudtrail/events.py",
    "treino_local/cloudtrail/log_bucket.py",
    "treino_local/cloudtrail/selectors.py",
    "treino_local/cloudtrail/trail_logs.py",
    "treino_local/cloudtrail/trails.py",
    "treino_local/eventbridge/__init__.py",
    "treino_local/eventbridge/connections.py",
    "treino_local/eventbridge/rules.py",
    "treino_local/eventbridge/targets.py",
    "treino_local/front/__init__.py",
    "treino_local/front/backend.py",
    "treino_local/front/family.py",
    "treino_local/front/heads.py",
    "treino_local/front/lock.py",
    "treino_local/front/log.py",
    "treino_local/front/main.py",
    "treino_local/front/server.py",
    "treino_local/functions/__init__.py",
    "treino_local/functions/bootstrap.js",
    "treino_local/functions/bootstrap.py",
    "treino_local/functions/confine.py",
    "treino_local/functions/environment.py",
    "treino_local/functions/folders.py",
    "treino_local/functions/invocations.py",
    "treino_local/functions/invoked.py",
    "treino_local/functions/launch.py",
    "treino_local/functions/logs.py",
    "treino_local/functions/permissions.py",
    "treino_local/functions/response_stream.js",
    "treino_local/functions/runtimes.py",
    "treino_local/functions/sizes.py",
    "treino_local/functions/worker.py",
    "treino_local/glacier/__init__.py",
    "treino_local/glacier/vault_tags.py",
    "treino_local/glacier/vaults.py",
    "treino_local/guard.py",
    "treino_local/iam/__init__.py",
    "treino_local/iam/keys.py",
    "treino_local/iam/payload.py",
    "treino_local/iam/policies.py",
    "treino_local/iam/request_head.py",
    "treino_local/iam/resource_arns.py",
    "treino_local/iam/service_principals.py",
    "treino_local/iam/signatures.py",
    "treino_local/iam/simulate.py",
    "treino_local/patching.py",
    "treino_local/persistence/__init__.py",
    "treino_local/persistence/additions.py",
    "treino_local/persistence/saving.py",
    "treino_local/persistence/settling.py",
    "treino_local/process.py",
    "treino_local/rekognition/__init__.py",
    "treino_local/rekognition/faces.py",
    "treino_local/rekognition/images.py",
    "treino_local/rekognition/labels.py",
    "treino_local/rekognition/pictures.py",
    "treino_local/rekognition/service.py",
    "treino_local/s3/__init__.py",
    "treino_local/s3/buckets.py",
    "treino_local/s3/calls.py",
    "treino_local/s3/directory_actions.py",
    "treino_local/s3/directory_buckets.py",
    "treino_local/s3/directory_names.py",
    "treino_local/s3/directory_sessions.py",
    "treino_local/s3/directory_tags.py",
    "treino_local/s3/listings.py",
    "treino_local/s3/streams.py",
    "treino_local/shapes.py",
    "treino_local/sns/__init__.py",
    "treino_local/sns/deliveries.py",
    "treino_local/sns/publishing.py",
    "treino_local/sns/requests.py",
    "treino_local/sns/subscriptions.py",
    "treino_local/sns/topics.py",
    "treino_local/sqs/__init__.py",
    "treino_local/sqs/attributes.py",
    "treino_local/sqs/errors.py",
    "treino_local/sqs/messages.py",
    "treino_local/sqs/queues.py",
    "treino_local/step_functions/__init__.py",
    "treino_local/step_functions/callbacks.py",
    "treino_local/step_functions/choices.py",
    "treino_local/step_functions/documents.py",
    "treino_local/step_functions/errors.py",
    "treino_local/step_functions/execution.py",
    "treino_local/step_functions/groups.py",
    "treino_local/step_functions/history.py",
    "treino_local/step_functions/http_requests.py",
    "treino_local/step_functions/http_tasks.py",
    "treino_local/step_functions/intrinsic_functions.py",
    "treino_local/step_functions/intrinsics.py",
    "treino_local/step_functions/jsonata_expressions.py",
    "treino_local/step_functions/lambda_calls.py",
    "treino_local/step_functions/lines.py",
    "treino_local/step_functions/local_services.py",
    "treino_local/step_functions/lookups.py",
    "treino_local/step_functions/machines.py",
    "treino_local/step_functions/map_items.py",
    "treino_local/step_functions/map_results.py",
    "treino_local/step_functions/map_run_records.py",
    "treino_local/step_functions/map_runs.py",
    "treino_local/step_functions/map_states.py",
    "treino_local/step_functions/messages.py",
    "treino_local/step_functions/nested_executions.py",
    "treino_local/step_functions/paths.py",
    "treino_local/step_functions/retries.py",
    "treino_local/step_functions/scopes.py",
    "treino_local/step_functions/sdk_calls.py",
    "treino_local/step_functions/services.py",
    "treino_local/step_functions/simple_states.py",
    "treino_local/step_functions/start_and_stop.py",
    "treino_local/step_functions/sync_executions.py",
    "treino_local/step_functions/tasks.py",
    "treino_local/step_functions/variables.py",
    "treino_local/step_functions/visits.py",
    "treino_local/step_functions/walk.py",
    "treino_local/types.py",
];

/// A short hash of these contents.
#[must_use]
pub fn fingerprint(contents: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for content in contents {
        hasher.update(content.as_bytes());
        hasher.update([0]);
    }
    hexadecimal(&hasher.finalize()[..6])
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

/// Whether a folder holds exactly the embedded extension.
#[must_use]
pub fn is_extension(folder: &Path) -> bool {
    EXTENSION.iter().all(|(name, text)| {
        std::fs::read(folder.join(name)).is_ok_and(|read| read == text.as_bytes())
    })
}

/// Writes the extension into a folder.
///
/// # Errors
/// An error of the file system.
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
    fn a_damaged_extension_is_detected_and_rewritten() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_extension(folder.path()));
        for damage in ["", "x = 1"] {
            write_extension(folder.path()).unwrap();
            assert!(is_extension(folder.path()));
            std::fs::write(folder.path().join("treino_local/guard.py"), damage).unwrap();
            assert!(!is_extension(folder.path()));
        }
        std::fs::remove_file(folder.path().join("treino_local/guard.py")).unwrap();
        assert!(!is_extension(folder.path()));
    }

    #[test]
    fn every_file_of_the_extension_is_embedded() {
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
