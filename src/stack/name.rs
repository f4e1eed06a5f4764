//! Physical names: pure functions of stack, address, owner, account and region.

use sha2::{Digest, Sha256};

use super::kinds::LONGEST_SUFFIX;
use super::late_bound_arns::ARN_PLACEHOLDER;
use super::{Address, Kind, Target};

/// What the names of the log groups begin with by which a destroy remembers others.
pub const DESTROYING: &str = "/treino/destroying/";

/// The physical name of a resource that was not given one.
///
/// `<stack>-<key>[-<part>][-<owner>]`, and for what lives in a space shared with other accounts or
/// regions (buckets, roles) those too. A name over the kind's limit is cut and ends in a hash of
/// the whole, so that it stays unique. Of a directory bucket and a vault this is what the name
/// begins with: their kinds know how it ends.
#[must_use]
pub fn generated(target: &Target, kind: Kind, address: &Address) -> String {
    let mut parts = vec![target.stack.as_str(), address.key()];
    parts.extend(address.of_owner());
    parts.extend(target.owner.as_deref());
    match kind {
        Kind::Bucket => parts.extend([target.account.as_str(), target.region.as_str()]),
        Kind::Role => parts.push(&target.region),
        Kind::DirectoryBucket => parts.push(&target.account),
        _ => {}
    }
    let mut name = parts.join("-");
    if kind.facts().name.lower_case {
        name = name.to_lowercase().replace('_', "-");
    }
    if kind == Kind::Trail {
        name = one_mark_at_a_time(&name);
    }
    let max = match kind {
        Kind::DirectoryBucket => kind.facts().name.max - LONGEST_SUFFIX,
        _ => kind.facts().name.max,
    };
    shortened(name, max)
}

fn one_mark_at_a_time(name: &str) -> String {
    let parts = name.split_inclusive(['-', '.', '_']);
    let mut out: String = parts
        .filter(|part| part.len() > 1 || !part.ends_with(['-', '.', '_']))
        .collect();
    out.truncate(out.trim_end_matches(['-', '.', '_']).len());
    out
}

/// The physical name of a resource whose name the stack file gives: the owner is appended.
#[must_use]
pub fn given(target: &Target, name: &str) -> String {
    match &target.owner {
        Some(owner) => format!("{name}-{owner}"),
        None => name.to_owned(),
    }
}

/// A name as AWS tells it from others of its kind.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
#[must_use]
pub fn compared(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Role => name.to_lowercase(),
        _ => name.to_owned(),
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

/// Why AWS would refuse a name, and what it accepts.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong with it: `it holds ...`.
    pub why: String,
    /// The way out.
    pub help: String,
}

/// What is wrong with a physical name, if AWS would refuse it.
#[must_use]
pub fn refused(kind: Kind, name: &str) -> Option<Refused> {
    let rule = &kind.facts().name;
    let length = name.chars().count();
    let allowed = |c: char| {
        (c.is_ascii_alphanumeric() && !(rule.lower_case && c.is_ascii_uppercase()))
            || rule.punctuation.contains(c)
    };
    let why = if length < rule.min || length > rule.max {
        Some(match length {
            0 => "it is empty".to_owned(),
            1 => "it has 1 character".to_owned(),
            _ => format!("it has {length} characters"),
        })
    } else {
        name.chars()
            .find(|c| !allowed(*c))
            .map(|bad| format!("it holds {bad:?}"))
    };
    if let Some(why) = why {
        let letters = if rule.lower_case {
            "small letters"
        } else {
            "letters"
        };
        let punctuation: Vec<String> = rule.punctuation.chars().map(String::from).collect();
        return Some(Refused {
            why,
            help: format!(
                "use {} to {} {letters}, digits and {}",
                rule.min,
                rule.max,
                punctuation.join(" ")
            ),
        });
    }
    match kind {
        Kind::Bucket => bucket_refused(name),
        Kind::LogGroup if !may_be_ours(name) => Some(Refused {
            why: "names under `/aws/` are for AWS's own services".to_owned(),
            help: "choose another".to_owned(),
        }),
        Kind::LogGroup => reserved(name, &["aws/"], &[]),
        Kind::Trail => trail_refused(name),
        Kind::DirectoryBucket => directory_bucket_refused(name),
        _ => None,
    }
}

/// Whether a log group's name can be one of a stack's. AWS's other services make groups by the
/// hundred, which need not be looked at to find what a stack owns; so a stack may not use theirs.
#[must_use]
pub fn may_be_ours(group: &str) -> bool {
    let ours = ["/aws/lambda/", "/aws/vendedlogs/states/"];
    !group.starts_with("/aws/") || ours.iter().any(|begin| group.starts_with(begin))
}

fn bucket_refused(name: &str) -> Option<Refused> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let refused = |why: &str, help: &str| {
        Some(Refused {
            why: why.to_owned(),
            help: help.to_owned(),
        })
    };
    if !edge(name.chars().next()) || !edge(name.chars().last()) {
        return refused(
            "it begins or ends with punctuation",
            "begin and end it with a letter or digit",
        );
    }
    if name.contains("..") {
        return refused("it has two full stops in a row", "use one");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return refused("it looks like an IP address", "choose another");
    }
    reserved(
        name,
        &["xn--", "sthree-", "amzn-s3-demo-"],
        &["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"],
    )
}

fn directory_bucket_refused(name: &str) -> Option<Refused> {
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Some(Refused {
            why: "it begins with punctuation".to_owned(),
            help: "begin it with a letter or digit".to_owned(),
        });
    }
    reserved(name, &["xn--", "sthree-", "amzn-s3-demo-"], &[])
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
fn trail_refused(name: &str) -> Option<Refused> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let (why, help) = if !edge(name.chars().next()) || !edge(name.chars().last()) {
        (
            "it begins or ends with punctuation",
            "begin and end it with a letter or digit",
        )
    } else if name
        .as_bytes()
        .windows(2)
        .any(|two| two.iter().all(|c| b"-._".contains(c)))
    {
        ("it has two punctuation marks in a row", "use one")
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        ("it looks like an IP address", "choose another")
    } else {
        return None;
    };
    Some(Refused {
        why: why.to_owned(),
        help: help.to_owned(),
    })
}

fn reserved(name: &str, prefixes: &[&str], suffixes: &[&str]) -> Option<Refused> {
    let begins = prefixes.iter().find(|part| name.starts_with(**part));
    let ends = suffixes.iter().find(|part| name.ends_with(**part));
    let why = match (begins, ends) {
        (Some(part), _) => format!("it begins with `{part}`, which AWS keeps for itself"),
        (_, Some(part)) => format!("it ends with `{part}`, which AWS keeps for itself"),
        _ => return None,
    };
    Some(Refused {
        why,
        help: "choose another".to_owned(),
    })
}

/// The ARN of a resource, which follows from its name; what AWS makes of it is [`ARN_PLACEHOLDER`] known.
#[must_use]
pub fn arn(target: &Target, kind: Kind, name: &str) -> String {
    let Target {
        partition,
        region,
        account,
        stack,
        ..
    } = target;
    match kind {
        Kind::Bucket => format!("arn:{partition}:s3:::{name}"),
        Kind::Table => format!("arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
        Kind::Role => format!("arn:{partition}:iam::{account}:role/treino/{stack}/{region}/{name}"),
        Kind::LogGroup => format!("arn:{partition}:logs:{region}:{account}:log-group:{name}"),
        Kind::Function => format!("arn:{partition}:lambda:{region}:{account}:function:{name}"),
        Kind::StateMachine => {
            format!("arn:{partition}:states:{region}:{account}:stateMachine:{name}")
        }
        Kind::Connection => {
            format!("arn:{partition}:events:{region}:{account}:connection/{name}/{ARN_PLACEHOLDER}")
        }
        Kind::Trail => format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"),
        Kind::Rule => format!("arn:{partition}:events:{region}:{account}:rule/{name}"),
        Kind::DirectoryBucket => {
            format!("arn:{partition}:s3express:{region}:{account}:bucket/{name}")
        }
        Kind::Vault => format!("arn:{partition}:glacier:{region}:{account}:vaults/{name}"),
    }
}
