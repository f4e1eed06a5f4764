//! Recognises files that usually hold secrets, by their names, and some secrets by themselves.

mod secret_content;

use std::io::Read;
use std::path::Path;

/// Names of folders with secrets, in lower case.
const FOLDERS: [&str; 7] = [
    ".aws",
    ".azure",
    ".docker",
    ".gnupg",
    ".kube",
    ".ssh",
    ".terraform",
];

/// Names of files with secrets, in lower case.
const FILES: [&str; 31] = [
    ".bash_history",
    ".node_repl_history",
    ".psql_history",
    ".python_history",
    ".terraformrc",
    ".zsh_history",
    "credentials",
    "rootkey.csv",
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

/// Extensions of files with secrets.
const ENDINGS: [&str; 14] = [
    ".env",
    ".asc",
    ".p8",
    ".pk8",
    ".tfvars",
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

/// Extensions of examples, which hold no secrets.
const EXAMPLES: [&str; 5] = [".example", ".sample", ".template", ".dist", ".defaults"];

/// How many bytes of a file are read: a bundle of all certificate authorities has a quarter of it.
const MAX_READ_BYTES: u64 = 1024 * 1024;

/// In larger files no secrets are searched, and only in the beginning of the others.
const MAX_SEARCHED_FILE: u64 = 1024 * 1024;
const MAX_SEARCHED_BYTES: u64 = 64 * 1024;

/// A file that has what looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RevealedSecret {
    /// Its name in the package.
    pub file: String,
    /// The kind of secret, with its article.
    pub what: &'static str,
}

/// Whether a file or folder usually holds secrets.
#[must_use]
pub fn is_secret_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if is_secret_folder_name(&name) {
        return true;
    }
    is_secret_file_name(&name)
        && !path.is_dir()
        && may_hold_secret(&name, || read_beginning(std::fs::File::open(path)))
}

/// What looks like a secret in the content of a file.
#[must_use]
pub fn revealed_in(path: &Path) -> Option<&'static str> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > MAX_SEARCHED_FILE {
        return None;
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MAX_SEARCHED_BYTES).read_to_end(&mut bytes).ok()?;
    secret_content::find(&String::from_utf8_lossy(&bytes))
}

/// The files of a ready-made zip that usually hold secrets, and those whose content has what looks like one.
#[must_use]
pub fn in_zip(bytes: &[u8], files: &[String]) -> (Vec<String>, Vec<RevealedSecret>) {
    let (mut secrets, mut revealed) = (Vec::new(), Vec::new());
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return (secrets, revealed);
    };
    for path in files {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_secret = folders.split('/').any(is_secret_folder_name)
            || is_secret_file_name(name)
                && may_hold_secret(name, || read_beginning(archive.by_name(path)));
        if is_secret {
            secrets.push(path.clone());
        } else if !path.contains("node_modules/")
            && let Ok(file) = archive.by_name(path)
            && file.size() <= MAX_SEARCHED_FILE
        {
            let mut bytes = Vec::new();
            let read = file.take(MAX_SEARCHED_BYTES).read_to_end(&mut bytes);
            let what = read
                .ok()
                .and_then(|_| secret_content::find(&String::from_utf8_lossy(&bytes)));
            revealed.extend(what.map(|what| RevealedSecret {
                file: path.clone(),
                what,
            }));
        }
    }
    (secrets, revealed)
}

fn read_beginning<R: Read, E>(opened: Result<R, E>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    opened
        .ok()?
        .take(MAX_READ_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

fn is_secret_folder_name(name: &str) -> bool {
    FOLDERS.contains(&name.to_lowercase().as_str())
}

fn is_secret_file_name(name: &str) -> bool {
    let name = name.to_lowercase();
    if EXAMPLES.iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    FILES.contains(&name.as_str())
        || name.starts_with(".env.")
        // The names that the console of IAM gives to the files of a user's keys.
        || name.ends_with("accesskeys.csv")
        || name.ends_with("credentials.csv")
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file with such a name holds a secret, if its content must decide. An unreadable file may hold
/// one.
fn may_hold_secret(name: &str, bytes: impl FnOnce() -> Option<Vec<u8>>) -> bool {
    let name = name.to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_secret: fn(&str) -> bool = match ending {
        // Libraries contain the certificates they trust.
        "pem" => |text| !text.contains("-----BEGIN ") || text.contains("PRIVATE KEY"),
        "key" | "asc" => |text| text.contains("PRIVATE KEY"),
        "" if name == "credentials" => |text| text.contains("aws_secret_access_key"),
        "npmrc" if name == ".npmrc" => |text| text.contains("_auth") || text.contains("_password"),
        _ => return true,
    };
    bytes().is_none_or(|bytes| is_secret(&String::from_utf8_lossy(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_ignoring_case() {
        for name in [
            ".env",
            ".env.local",
            ".ENV",
            "ID_RSA",
            "x.PEM",
            "a.tfstate",
            "ana_accessKeys.csv",
            "ana_credentials.csv",
            ".bash_history",
        ] {
            assert!(is_secret_file_name(name), "{name}");
        }
        for name in [
            ".env.example",
            "env",
            "id_rsa.pub",
            "app.py",
            "keys.py",
            ".envelope",
        ] {
            assert!(
                !is_secret_file_name(name) && !is_secret_folder_name(name),
                "{name}"
            );
        }
    }

    #[test]
    fn certificates_are_no_secrets() {
        let holds = |name: &str, text: &str| may_hold_secret(name, || Some(text.into()));
        assert!(!holds("cacert.pem", "# x\n-----BEGIN CERTIFICATE-----"));
        assert!(holds("key.pem", "-----BEGIN RSA PRIVATE KEY-----"));
        assert!(holds("key.pem", "k"));
        assert!(!holds("talk.key", "slides"));
        assert!(!holds(".npmrc", "save-exact=true"));
        assert!(holds(".npmrc", "//registry.example.org/:_authToken=x"));
        assert!(may_hold_secret("key.pem", || None));
    }
}
