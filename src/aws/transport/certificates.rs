//! The certificates that are trusted beside those of the system: the PEM file that `AWS_CA_BUNDLE` or a profile names.

use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::engine::{Leftover, ProviderError, sanitize};

/// What is trusted: the system's certificates, and those of a file. `setting` is what names the file.
///
/// # Errors
/// The file cannot be read, or one of its certificates cannot be used: the TLS client would panic over it.
pub(super) fn trusting(path: &Path, setting: &str) -> Result<TlsContext, ProviderError> {
    let unusable = |why: &dyn std::fmt::Display| {
        ProviderError::new(sanitize(&format!(
            "{setting} ({}) cannot be used: {why}",
            path.display()
        )))
        .help("name a file of PEM certificates, or unset it")
        .with_leftover(Leftover::Nothing)
    };
    let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
    check(&pem).map_err(|why| unusable(&why))?;
    let store = TrustStore::empty()
        .with_native_roots(true)
        .with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(store).build();
    context.map_err(|error| unusable(&error))
}

/// Reads the certificates as the TLS client will.
fn check(pem: &[u8]) -> Result<(), String> {
    let mut number = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        number += 1;
        let Ok(certificate) = certificate else {
            return Err(format!(
                "its PEM certificate {number} is cut off or damaged"
            ));
        };
        RootCertStore::empty()
            .add(certificate)
            .map_err(|_| format!("its PEM certificate {number} contains no X.509 certificate"))?;
    }
    // The TLS client takes a file without certificates, and then trusts none of them.
    if number == 0 {
        return Err("it contains no PEM certificate".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate authority made for this test; its key was thrown away.
    const GOOD: &str = "\
-----BEGIN CERTIFICATE-----
MIIBgzCCASmgAwIBAgIUZbUhlaB5hipQRe4yv2HkQ81gA7wwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLdHJlaW5vIHRlc3QwIBcNMjYxMTI4MTYzMDA2WhgPMjEyNjEx
MDQxNjMwMDZaMBYxFDASBgNVBAMMC3RyZWlubyB0ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEUdjNcDcW54SbYtWVP/FLBlaAFAZsVfHmUft7z0Ex/J8Bk7OE
eDPPVocNHMtjt2jFRp50mS5VXBgxYJTBK1nKjqNTMFEwHQYDVR0OBBYEFMLXdixd
B1jqUdrh0M8Q0e8yO5lCMB8GA1UdIwQYMBaAFMLXdixdB1jqUdrh0M8Q0e8yO5lC
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhANMd3YHHOkrFpdtE
0w+mqV5WdhQ4wXI3GGM1UJl8rAz9AiAMpfMUDd1AB1knG+0pfW1jTOjGKLOKLp0X
pkdBMprHew==
-----END CERTIFICATE-----
";

    #[test]
    fn a_bundle_is_checked_certificate_by_certificate() {
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA";
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let no_base64 = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert_eq!(check(GOOD.as_bytes()), Ok(()));
        assert_eq!(
            check(format!("# ours\n{GOOD}\n{key}{GOOD}").as_bytes()),
            Ok(())
        );
        let windows = GOOD.replace('\n', "\r\n");
        assert_eq!(check(windows.as_bytes()), Ok(()));
        for (pem, why) in [
            (
                no_certificate.to_owned(),
                "certificate 1 contains no X.509 certificate",
            ),
            (
                format!("{GOOD}{no_certificate}"),
                "certificate 2 contains no X.509 certificate",
            ),
            (cut.to_owned(), "certificate 1 is cut off"),
            (format!("{GOOD}{cut}"), "certificate 2 is cut off"),
            (
                format!("{GOOD}{GOOD}{no_base64}"),
                "certificate 3 is cut off or damaged",
            ),
            (String::new(), "contains no PEM certificate"),
            (
                "BEGIN CERTIFICATE".to_owned(),
                "contains no PEM certificate",
            ),
            (key.to_owned(), "contains no PEM certificate"),
        ] {
            let said = check(pem.as_bytes()).unwrap_err();
            assert!(said.contains(why), "{said}\n{pem}");
        }
    }
}
