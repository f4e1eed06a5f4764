//! What belongs to `CloudFormation` templates and is often copied into definitions and stack files.

use crate::source::{Node, Value};

/// A function of `CloudFormation` that is written as a mapping: `{"Fn::GetAtt": [...]}`, `{"Ref": ...}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intrinsic {
    /// Its name, such as `Fn::GetAtt`.
    pub name: String,
    /// What to write instead.
    pub help: String,
    /// Whether it can be nothing else: `Ref` is also a name that people give to fields of their own.
    pub certain: bool,
}

/// The function that a value is; `None` if it is none.
#[must_use]
pub fn intrinsic(node: &Node) -> Option<Intrinsic> {
    let [entry] = node.entries() else {
        return None;
    };
    let value = &entry.value;
    let text = value.as_str();
    let parts: Vec<&str> = match (&value.value, text) {
        (Value::List(items), _) => items.iter().filter_map(Node::as_str).collect(),
        (_, Some(text)) => text.splitn(2, '.').collect(),
        _ => Vec::new(),
    };
    let (name, certain) = (entry.key.as_str(), entry.key.starts_with("Fn::"));
    let help = match (name, parts.as_slice()) {
        ("Fn::GetAtt", [key, attribute]) => {
            format!("write \"${{{key}.{}}}\"", ours(attribute))
        }
        ("Ref", _) => match text {
            Some(pseudo) if pseudo.starts_with("AWS::") => {
                format!("write \"{}\"", of_text(&format!("${{{pseudo}}}")))
            }
            Some(key) => format!("write \"${{{key}.name}}\" or \"${{{key}.arn}}\""),
            None => return None,
        },
        ("Fn::Sub", _) if text.is_some() => {
            format!("write \"{}\"", of_text(text.unwrap_or_default()))
        }
        ("Fn::ImportValue", _) => {
            "write the value; or declare a parameter, write \"${param.NAME}\" and give it with --set".to_owned()
        }
        (name, _) if name.starts_with("Fn::") => {
            "write one text, with references such as \"${key.arn}\"".to_owned()
        }
        _ => return None,
    };
    Some(Intrinsic {
        name: name.to_owned(),
        help,
        certain: certain || text.is_some_and(|text| text.starts_with("AWS::")),
    })
}

fn ours(attribute: &str) -> &'static str {
    match attribute {
        "QueueUrl" | "Url" => "url",
        "QueueName" | "TopicName" | "TableName" | "Name" => "name",
        _ => "arn",
    }
}

/// A text of `Fn::Sub` with the pseudo parameters and attributes as a stack file has them.
fn of_text(text: &str) -> String {
    [
        ("AWS::Region", "region"),
        ("AWS::AccountId", "account"),
        ("AWS::Partition", "partition"),
        ("AWS::StackName", "stack"),
    ]
    .into_iter()
    .fold(text.replace(".Arn}", ".arn}"), |text, (theirs, ours)| {
        text.replace(&format!("${{{theirs}}}"), &format!("${{{ours}}}"))
    })
}

/// A word in an ARN or the URL of a queue that stands for a region or an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The part as it is written.
    pub written: String,
    /// What it stands for: "region" or "account id".
    pub what: &'static str,
    /// The reference to write.
    pub reference: &'static str,
}

/// The placeholder in a text that is an ARN or the URL of a queue; `None` if it has none. References and wildcards are
/// none.
#[must_use]
pub fn placeholder(text: &str) -> Option<Placeholder> {
    let (region, account) = place_of(text)?;
    let open = |part: &str| part.is_empty() || part.contains(['*', '$', '{']);
    let found = |written: &str, what, reference| {
        Some(Placeholder {
            written: written.to_owned(),
            what,
            reference,
        })
    };
    if !open(region) && !is_region(region) {
        return found(region, "region", "${region}");
    }
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if !open(account) && account != "aws" && !is_account {
        return found(account, "account id", "${account}");
    }
    None
}

/// Region and account of an ARN or of the URL of a queue.
#[must_use]
pub fn place_of(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix("arn:") {
        // The braces of a reference may hold colons.
        let mut parts = rest.split(':');
        let (_, service, region, account) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        parts.next()?;
        // What is written there of others is not the place of a resource.
        let has_place = !service.is_empty() && !rest.contains("${env:");
        return has_place.then_some((region, account));
    }
    let rest = text.strip_prefix("https://sqs.")?;
    let (host, path) = rest.split_once('/')?;
    let (account, _) = path.split_once('/')?;
    Some((host.split('.').next()?, account))
}

/// Whether a text has the form of a region: `sa-east-1`, `us-gov-west-1`, `mx-central-1`.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.len() >= 2
        && words
            .iter()
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, parse};

    fn help(text: &str) -> Option<String> {
        let root = parse(&Source::new("a.yaml", text)).expect("YAML");
        intrinsic(&root).map(|one| one.help)
    }

    #[test]
    fn functions_of_cloudformation_have_their_reference() {
        for (text, expected) in [
            ("Fn::GetAtt: [f, Arn]", "write \"${f.arn}\""),
            ("Fn::GetAtt: f.Arn", "write \"${f.arn}\""),
            ("Fn::GetAtt: [q, QueueUrl]", "write \"${q.url}\""),
            ("Ref: t", "write \"${t.name}\" or \"${t.arn}\""),
            ("Ref: AWS::Region", "write \"${region}\""),
            (
                "Fn::Sub: 'arn:${AWS::Partition}:s3:::x-${AWS::AccountId}'",
                "write \"arn:${partition}:s3:::x-${account}\"",
            ),
            ("Fn::Sub: '${f.Arn}:live'", "write \"${f.arn}:live\""),
            (
                "Fn::Join: ['', [a, b]]",
                "write one text, with references such as \"${key.arn}\"",
            ),
        ] {
            assert_eq!(help(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(help("Ref: 1"), None);
        assert_eq!(help("Fn::GetAtt: [f, Arn]\nother: 1"), None);
    }

    #[test]
    fn placeholders_are_told_from_regions_and_accounts() {
        let of = |text: &str| placeholder(text).map(|one| (one.written, one.reference));
        for (text, written, reference) in [
            (
                "arn:aws:lambda:REGION:123456789012:function:f",
                "REGION",
                "${region}",
            ),
            (
                "arn:aws:lambda:REGIAO:CONTA:function:f",
                "REGIAO",
                "${region}",
            ),
            (
                "arn:aws:lambda:us-east-1:ACCOUNT_ID:function:f",
                "ACCOUNT_ID",
                "${account}",
            ),
            (
                "arn:aws:dynamodb:us-east-1:<your-account>:table/t",
                "<your-account>",
                "${account}",
            ),
            (
                "arn:aws:sns:sa-east-1:xxxxxxxxxxxx:t",
                "xxxxxxxxxxxx",
                "${account}",
            ),
            (
                "https://sqs.us-east-1.amazonaws.com/ACCOUNT/q",
                "ACCOUNT",
                "${account}",
            ),
            (
                "https://sqs.REGION.amazonaws.com/111122223333/q",
                "REGION",
                "${region}",
            ),
        ] {
            assert_eq!(of(text), Some((written.to_owned(), reference)), "{text}");
        }
        for text in [
            "arn:aws:lambda:us-east-1:111122223333:function:f",
            "arn:aws:lambda:${region}:${account}:function:f",
            "arn:${partition}:lambda:us-gov-west-1:111122223333:function:f",
            "arn:aws:s3:::bucket/key",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:states:::lambda:invoke",
            "arn:aws:sns:*:*:t",
            "https://sqs.us-east-1.amazonaws.com/111122223333/q",
            "https://example.com/ACCOUNT/q",
            "text",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
