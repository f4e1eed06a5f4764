//! Secrets that show themselves: private keys, access keys of AWS, keys of Google's service accounts.

/// The beginning of a private key as text; what follows is its kind: `RSA PRIVATE KEY-----`.
const PEM: &str = "-----BEGIN ";
/// So much of a key's body distinguishes a key from a program or text about keys.
const MIN_BODY: usize = 40;
/// How access keys of users and of sessions begin, and how long they are.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
const ACCESS_KEYS: [&str; 2] = ["AKIA", "ASIA"];
const ACCESS_KEY_LENGTH: usize = 20;
const SECRET_KEY_LENGTH: usize = 40;

/// The secret in a text.
pub(super) fn find(text: &str) -> Option<&'static str> {
    let has_private_key = has_private_key(text);
    if has_private_key && text.contains("\"service_account\"") && text.contains("\"private_key\"") {
        return Some("the key of a Google service account");
    }
    if has_private_key {
        return Some("a private key");
    }
    has_access_key(text).then_some("an AWS access key with its secret")
}

/// Whether there is a private key with its body.
fn has_private_key(text: &str) -> bool {
    text.match_indices(PEM).any(|(at, _)| {
        let rest = text.get(at + PEM.len()..).unwrap_or_default();
        let Some((kind, body)) = rest.split_once("-----") else {
            return false;
        };
        // A key in a text of JSON or of a program has `\n` for its lines.
        let body = body.replace("\\n", "\n");
        let mut lines = body
            .lines()
            .map(|line| line.trim_matches([' ', '\t', '\r', '"', '\'', '+', '\\']));
        kind.len() < 30
            && (kind.ends_with("PRIVATE KEY") || kind == "PGP PRIVATE KEY BLOCK")
            && lines.by_ref().take(8).any(|line| {
                line.len() >= MIN_BODY && line.bytes().all(|byte| is_base64(byte) || byte == b'=')
            })
    })
}

/// Whether there are the identifier of an access key and, anywhere, what looks like its secret.
fn has_access_key(text: &str) -> bool {
    let is_of_word = |c: char| c.is_ascii() && (is_base64(c as u8) || c == '_' || c == '-');
    let words = || text.split(|c: char| !is_of_word(c));
    let is_identifier = |word: &str| {
        word.len() == ACCESS_KEY_LENGTH
            && ACCESS_KEYS.iter().any(|begin| word.starts_with(begin))
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && !is_example(word)
    };
    if !ACCESS_KEYS.iter().any(|begin| text.contains(begin)) || !words().any(is_identifier) {
        return false;
    }
    words().any(|word| {
        // Of a hash in hexadecimal, all letters are of one case.
        word.len() == SECRET_KEY_LENGTH
            && word.bytes().all(is_base64)
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
            && !is_example(word)
    })
}

/// Whether it is a key of AWS's documentation.
fn is_example(word: &str) -> bool {
    word.to_ascii_uppercase().contains("EXAMPLE")
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";

    #[test]
    fn secrets_are_known_by_themselves() {
        let key = |kind: &str, line: &str| {
            format!("x = 1\n-----BEGIN {kind}-----{line}{BODY}{line}-----END")
        };
        for kind in [
            "PRIVATE KEY",
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
        ] {
            assert_eq!(find(&key(kind, "\n")), Some("a private key"), "{kind}");
        }
        let old = format!(
            "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES\r\n\r\n{BODY}\r\n"
        );
        assert_eq!(find(&old), Some("a private key"));
        assert_eq!(
            find(&format!("KEY = '{}'", key("PRIVATE KEY", "\\n"))),
            Some("a private key")
        );
        let google = format!(
            "{{\"type\": \"service_account\", \"private_key\": \"{}\"}}",
            key("PRIVATE KEY", "\\n")
        );
        assert_eq!(find(&google), Some("the key of a Google service account"));
        let aws = Some("an AWS access key with its secret");
        let (id, secret) = (
            "AKIAQWERTYUIOPASDFGH",
            "abcdEFGHijklMNOPqrstUVWXyz0123456789+/ab",
        );
        for text in [
            format!("[default]\naws_access_key_id={id}\naws_secret_access_key = {secret}\n"),
            format!("{id},{secret}\n"),
            format!(
                "boto3.client('s3', aws_access_key_id='{id}', aws_secret_access_key=\"{secret}\")"
            ),
            format!(
                "{{\"AccessKeyId\":\"ASIA{}\",\"SecretAccessKey\":\"{secret}\"}}",
                &id[4..]
            ),
        ] {
            assert_eq!(find(&text), aws, "{text}");
        }
    }

    #[test]
    fn what_is_about_secrets_is_none() {
        let (id, secret) = (
            "AKIAQWERTYUIOPASDFGH",
            "abcdEFGHijklMNOPqrstUVWXyz0123456789+/ab",
        );
        for text in [
            String::new(),
            "if '-----BEGIN PRIVATE KEY-----' in text:\n    fail()\n".to_owned(),
            format!("-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n"),
            format!("-----BEGIN PUBLIC KEY-----\n{BODY}\n"),
            format!("id = {id}\nsha1 = da39a3ee5e6b4b0d3255bfef95601890afd80709\n"),
            format!("key = {secret}\n"),
            format!("{id}X {secret}\n"),
            "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        ] {
            assert_eq!(find(&text), None, "{text}");
        }
    }
}
