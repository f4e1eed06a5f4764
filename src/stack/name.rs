//! Physical names: pure functions of stack, address, owner, account and region.

use sha2::{Digest, Sha256};

use super::{Address, Kind, Site};

/// The physical name of a resource that was not given one.
///
/// `<stack>-<key>[-<part>][-<owner>]`, and for what lives in a space shared with other accounts or
/// regions (buckets, roles) those too. A name over the kind's limit is cut and ends in a hash of
/// the whole, so that it stays unique.
#[must_use]
pub fn generated(site: &Site, kind: Kind, address: &Address) -> String {
    let mut parts = vec![site.stack.as_str(), address.key()];
    parts.extend(address.of_owner());
    parts.extend(site.owner.as_deref());
    match kind {
        Kind::Bucket => parts.extend([site.account.as_str(), site.region.as_str()]),
        Kind::Role => parts.push(&site.region),
        _ => {}
    }
    let mut name = parts.join("-");
    if kind.facts().name.lower_case {
        name = name.to_lowercase().replace('_', "-");
    }
    shortened(name, kind.facts().name.max)
}

/// The physical name of a resource whose name the stack file gives: the owner is appended.
#[must_use]
pub fn given(site: &Site, name: &str) -> String {
    match &site.owner {
        Some(owner) => format!("{name}-{owner}"),
        None => name.to_owned(),
    }
}

fn shortened(name: String, max: usize) -> String {
    if name.len() <= max {
        return name;
    }
    let digest = Sha256::digest(name.as_bytes());
    let hash = digest
        .iter()
        .take(4)
        .fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
    let kept: String = name.chars().take(max - hash.len() - 1).collect();
    format!("{}-{hash}", kept.trim_end_matches(['-', '.', '_']))
}

/// What is wrong with a physical name, in words, if AWS would refuse it.
#[must_use]
pub fn refused(kind: Kind, name: &str) -> Option<String> {
    let rule = &kind.facts().name;
    let length = name.chars().count();
    if length < rule.min || length > rule.max {
        return Some(format!(
            "`{name}` has {length} characters; a {kind} name has {} to {}",
            rule.min, rule.max
        ));
    }
    let allowed = |c: char| {
        (c.is_ascii_alphanumeric() && !(rule.lower_case && c.is_ascii_uppercase()))
            || rule.punctuation.contains(c)
    };
    if let Some(bad) = name.chars().find(|c| !allowed(*c)) {
        let letters = if rule.lower_case {
            "lower-case letters"
        } else {
            "letters"
        };
        return Some(format!(
            "`{name}` holds {bad:?}; a {kind} name is made of {letters}, digits and {}",
            rule.punctuation
                .chars()
                .map(String::from)
                .collect::<Vec<_>>()
                .join(" ")
        ));
    }
    if kind == Kind::Bucket {
        return bucket_refused(name);
    }
    None
}

fn bucket_refused(name: &str) -> Option<String> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !edge(name.chars().next()) || !edge(name.chars().last()) {
        return Some(format!(
            "`{name}` must begin and end with a letter or digit"
        ));
    }
    if name.contains("..") {
        return Some(format!("`{name}` has two full stops in a row"));
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some(format!("`{name}` looks like an IP address"));
    }
    let prefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    if let Some(prefix) = prefixes.iter().find(|p| name.starts_with(*p)) {
        return Some(format!(
            "`{name}` begins with `{prefix}`, which S3 keeps for itself"
        ));
    }
    let suffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if let Some(suffix) = suffixes.iter().find(|s| name.ends_with(*s)) {
        return Some(format!(
            "`{name}` ends with `{suffix}`, which S3 keeps for itself"
        ));
    }
    None
}

/// The ARN of a resource: every kind here has one that follows from its name.
#[must_use]
pub fn arn(site: &Site, kind: Kind, name: &str) -> String {
    let Site {
        partition,
        region,
        account,
        stack,
        ..
    } = site;
    match kind {
        Kind::Bucket => format!("arn:{partition}:s3:::{name}"),
        Kind::Table => format!("arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
        Kind::Role => format!("arn:{partition}:iam::{account}:role/treino/{stack}/{region}/{name}"),
        Kind::LogGroup => format!("arn:{partition}:logs:{region}:{account}:log-group:{name}"),
        Kind::Function => format!("arn:{partition}:lambda:{region}:{account}:function:{name}"),
        Kind::StateMachine => {
            format!("arn:{partition}:states:{region}:{account}:stateMachine:{name}")
        }
        Kind::Trail => format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"),
        Kind::Rule => format!("arn:{partition}:events:{region}:{account}:rule/{name}"),
    }
}
