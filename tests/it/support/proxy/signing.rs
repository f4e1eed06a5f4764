//! Signs a request again after a rule changed it: the local AWS checks every signature.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::transport::Request;

const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');
const QUERY: &AsciiSet = &PATH.add(b'/');

/// Signs a new request with all its headers.
pub fn sign(request: &mut Request, (key, secret): (&str, &str), service: &str) {
    let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string();
    let now = now.replace(['-', ':'], "");
    request.set("x-amz-date", &now);
    request.set("x-amz-content-sha256", &hex(&Sha256::digest(&request.body)));
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    let (day, names) = (&now[..8], names.join(";"));
    let scope = format!("{key}/{day}/us-east-1/{service}/aws4_request");
    request.set(
        "authorization",
        &format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature=0"),
    );
    again(request, secret);
}

/// Renews the signature of a changed request, with the same key, time and headers.
pub fn again(request: &mut Request, secret: &str) {
    let Some(authorization) = request.header("authorization").map(String::from) else {
        return;
    };
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(name).unwrap();
        rest.split(',').next().unwrap().trim().to_owned()
    };
    let scope = part("Credential=");
    let scope: Vec<&str> = scope.split('/').skip(1).collect();
    let names = part("SignedHeaders=");
    let hash = hex(&Sha256::digest(&request.body));
    let payload = match request.header("x-amz-content-sha256") {
        Some(other) if other.len() != 64 => other.to_owned(),
        Some(_) => {
            request.set("x-amz-content-sha256", &hash);
            hash
        }
        None => hash,
    };
    if names.split(';').any(|name| name == "content-length") {
        request.set("content-length", &request.body.len().to_string());
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let path = if scope[2].starts_with("s3") {
        path.to_owned()
    } else {
        utf8_percent_encode(path, PATH).to_string()
    };
    let encoded = |text: &str| {
        let plain = percent_decode_str(text).decode_utf8_lossy();
        utf8_percent_encode(&plain, QUERY).to_string()
    };
    let mut fields: Vec<String> = query
        .split('&')
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            format!("{}={}", encoded(name), encoded(value))
        })
        .collect();
    fields.sort();
    let headers = names
        .split(';')
        .map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default()));
    let headers = headers.collect::<Vec<_>>().concat();
    let fields = fields.join("&");
    let canonical =
        [&request.method, &path, &fields, &headers, &names, &payload].map(String::as_str);
    let canonical = hex(&Sha256::digest(canonical.join("\n")));
    let date = request.header("x-amz-date").unwrap_or_default();
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{canonical}", scope.join("/"));
    let key = scope
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            hmac(&key, part.as_bytes())
        });
    let signature = hex(&hmac(&key, text.as_bytes()));
    let (kept, _) = authorization.split_once("Signature=").unwrap();
    request.set("authorization", &format!("{kept}Signature={signature}"));
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}
