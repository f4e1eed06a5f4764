//! The cache of installed packages: `packages` in treino's cache folder. Each entry is a zip and a record of its hash;
//! an entry counts only if both agree, so that an interrupted or damaged one is made again.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::target::BuildTarget;
use crate::local::{Listener, file_error, lock, private_folder};
use crate::source::Diagnostic;
use crate::stack::BuiltDependencies;

/// How long another treino may take to install.
const LOCK_TIMEOUT: Duration = Duration::from_mins(30);

/// The record of an entry.
#[derive(Serialize, Deserialize)]
struct EntryRecord {
    /// The hash of the zip.
    sha256: String,
    packages: Vec<String>,
    built_for: String,
}

/// One result in the cache, which may not exist yet.
pub(super) struct CacheEntry {
    folder: PathBuf,
    name: String,
}

impl CacheEntry {
    /// The entry of a request for a target.
    pub(super) fn new(cache: &Path, digest: &str, target: &BuildTarget) -> Self {
        Self {
            folder: cache.join("packages"),
            name: hash(format!("{digest} {}", target.key()).as_bytes()),
        }
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// What is in it; `None` if it is missing, not complete or damaged.
    pub(super) fn read(&self) -> Option<BuiltDependencies> {
        let record = std::fs::read(self.path("json")).ok()?;
        let record: EntryRecord = serde_json::from_slice(&record).ok()?;
        let zip = std::fs::read(self.path("zip")).ok()?;
        (hash(&zip) == record.sha256).then(|| BuiltDependencies {
            zip: Arc::from(zip),
            packages: record.packages,
            built_for: record.built_for,
        })
    }

    /// Keeps other processes from filling entries.
    pub(super) fn lock(&self, listener: &dyn Listener) -> Result<File, Diagnostic> {
        private_folder(&self.folder)?;
        let doing = ["installing packages"; 2];
        lock(
            &self.folder.join("install.lock"),
            doing,
            LOCK_TIMEOUT,
            listener,
        )
    }

    /// Makes a folder with these files, to install into.
    pub(super) fn begin(
        &self,
        inputs: &BTreeMap<String, Arc<[u8]>>,
    ) -> Result<PathBuf, Diagnostic> {
        let folder = self.path("installing");
        // Left by an interrupted installation.
        let _ = std::fs::remove_dir_all(&folder);
        private_folder(&folder.join("tmp"))?;
        for (name, bytes) in inputs {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                private_folder(parent)?;
            }
            std::fs::write(&path, bytes).map_err(|error| file_error(&path, &error))?;
        }
        Ok(folder)
    }

    /// Deletes the folder.
    pub(super) fn clean_up(&self) {
        let _ = std::fs::remove_dir_all(self.path("installing"));
    }

    /// Fills the entry. The record is written last.
    pub(super) fn write(&self, built: &BuiltDependencies) -> Result<(), Diagnostic> {
        let record = EntryRecord {
            sha256: hash(&built.zip),
            packages: built.packages.clone(),
            built_for: built.built_for.clone(),
        };
        let record = serde_json::to_vec(&record).unwrap_or_default();
        for (ending, bytes) in [("zip", &built.zip[..]), ("json", &record)] {
            let (new, path) = (self.path("new"), self.path(ending));
            std::fs::write(&new, bytes)
                .and_then(|()| std::fs::rename(&new, &path))
                .map_err(|error| file_error(&path, &error))?;
        }
        Ok(())
    }
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_and_half_filled_entries_do_not_count() {
        let cache = tempfile::tempdir().unwrap();
        let entry = CacheEntry::new(cache.path(), "digest", &BuildTarget::Lambda);
        let built = BuiltDependencies {
            zip: Arc::from(&b"zip"[..]),
            packages: vec!["a 1".into()],
            built_for: "python3.13 x86_64".into(),
        };
        drop(entry.lock(&|_: &str| ()).unwrap());
        entry.write(&built).unwrap();
        assert_eq!(entry.read(), Some(built.clone()));
        let other = CacheEntry::new(cache.path(), "another", &BuildTarget::Lambda);
        assert_eq!(other.read(), None);
        std::fs::write(entry.path("zip"), "zop").unwrap();
        assert_eq!(entry.read(), None, "damaged");
        entry.write(&built).unwrap();
        std::fs::remove_file(entry.path("json")).unwrap();
        assert_eq!(entry.read(), None, "half filled");
        entry.write(&built).unwrap();
        std::fs::write(entry.path("json"), "{").unwrap();
        assert_eq!(entry.read(), None, "a damaged record");
    }
}
