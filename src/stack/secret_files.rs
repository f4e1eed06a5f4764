//! Files that usually hold secrets, by their names.

use std::io::Read;
use std::path::Path;

/// Folders that hold secrets, in small letters.
const FOLDERS: [&str; 7] = [
    ".aws",
    ".azure",
    ".docker",
    ".gnupg",
    ".kube",
    ".ssh",
    ".terraform",
];

/// Files that do.
const FILES: [&str; 23] = [
    ".boto",
    ".dockercfg",
    ".env",
    ".envrc",
    ".git-credentials",
    ".htpasswd",
    ".my.cnf",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".s3cfg",
    ".vault-token",
    "_netrc",
    "id_dsa",
    "id_ecdsa",
    "id_ecdsa_sk",
    "id_ed25519",
    "id_ed25519_sk",
    "id_rsa",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "terraform.tfvars",
];

/// What the names of others end in.
const ENDINGS: [&str; 9] = [
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".ppk",
    ".kdbx",
    ".tfstate",
];

/// What such a name ends in that shows how a file of secrets is written, and holds none.
const EXAMPLES: [&str; 5] = [".example", ".sample", ".template", ".dist", ".defaults"];

/// So much of a file is looked at: certificates of all authorities take a quarter of it.
const LOOKED_AT: u64 = 1024 * 1024;

/// Whether a file or folder usually holds secrets.
#[must_use]
pub fn is_one(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if is_folder(&name) {
        return true;
    }
    is_file(&name) && !path.is_dir() && holds_some(&name, || beginning(std::fs::File::open(path)))
}

/// Of the files of a ready-made zip, by their names there, those that usually hold secrets.
#[must_use]
pub fn of_zip(bytes: &[u8], files: &[String]) -> Vec<String> {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return Vec::new();
    };
    let mut is_one = |path: &String| {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        folders.split('/').any(is_folder)
            || is_file(name) && holds_some(name, || beginning(archive.by_name(path)))
    };
    files.iter().filter(|path| is_one(path)).cloned().collect()
}

fn beginning<R: Read, E>(opened: Result<R, E>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    opened.ok()?.take(LOOKED_AT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn is_folder(name: &str) -> bool {
    FOLDERS.contains(&name.to_lowercase().as_str())
}

fn is_file(name: &str) -> bool {
    let name = name.to_lowercase();
    if EXAMPLES.iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    FILES.contains(&name.as_str())
        || name.starts_with(".env.")
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether what has such a name holds a secret, where its name alone does not tell. What cannot be
/// read may hold one.
fn holds_some(name: &str, bytes: impl FnOnce() -> Option<Vec<u8>>) -> bool {
    let name = name.to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let told: fn(&str) -> bool = match ending {
        // Libraries bring along the certificates they trust.
        "pem" => |text| !text.contains("-----BEGIN ") || text.contains("PRIVATE KEY"),
        "key" => |text| text.contains("PRIVATE KEY"),
        "npmrc" if name == ".npmrc" => |text| text.contains("_auth") || text.contains("_password"),
        _ => return true,
    };
    bytes().is_none_or(|bytes| told(&String::from_utf8_lossy(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_whatever_their_letters() {
        for name in [".env", ".env.local", ".ENV", "ID_RSA", "x.PEM", "a.tfstate"] {
            assert!(is_file(name), "{name}");
        }
        for name in [
            ".env.example",
            "env",
            "id_rsa.pub",
            "app.py",
            "keys.py",
            ".envelope",
        ] {
            assert!(!is_file(name) && !is_folder(name), "{name}");
        }
    }

    #[test]
    fn certificates_are_no_secrets() {
        let holds = |name: &str, text: &str| holds_some(name, || Some(text.into()));
        assert!(!holds("cacert.pem", "# x\n-----BEGIN CERTIFICATE-----"));
        assert!(holds("key.pem", "-----BEGIN RSA PRIVATE KEY-----"));
        assert!(holds("key.pem", "k"));
        assert!(!holds("talk.key", "slides"));
        assert!(!holds(".npmrc", "save-exact=true"));
        assert!(holds(".npmrc", "//registry.example.org/:_authToken=x"));
        assert!(holds_some("key.pem", || None));
    }
}
