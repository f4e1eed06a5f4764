//! Words in ARNs and addresses of AWS that stand for a region or an account: `REGION`, `<account>`, `{{region}}`.

/// A word that stands for a region or an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The part as it is written.
    pub written: String,
    /// What it stands for, with its article: "a region" or "an account id".
    pub what: &'static str,
    /// The whole text with references instead.
    pub fixed: String,
    /// Whether the part has single braces or begins with `$`, as texts have that a program fills in.
    pub may_be_filled: bool,
}

impl Placeholder {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> String {
        let attribute = if self.fixed.starts_with("https:") {
            "url"
        } else {
            "arn"
        };
        format!(
            "write \"{}\"; or \"${{key.{attribute}}}\" of a resource of the stack",
            self.fixed
        )
    }

    /// What is wrong with it.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { written, what, .. } = self;
        if written.bytes().all(|byte| byte.is_ascii_digit()) {
            format!(
                "`{written}` is not {what}: it has {} digits, not 12",
                written.len()
            )
        } else {
            format!("`{written}` is a placeholder, not {what}")
        }
    }
}

/// Roots of words for a region or an account, in English, Portuguese and Spanish.
const ROOTS: [&str; 9] = [
    "region", "regiao", "região", "account", "acct", "conta", "cuenta", "your", "xxx",
];

/// The first placeholder in a text that is an ARN or an address of AWS; `None` if it has none. References and wildcards
/// are none.
#[must_use]
pub fn placeholder(text: &str) -> Option<Placeholder> {
    let found = parts(text).into_iter().filter(|(part, place)| match place {
        ArnPart::Region => !is_open(part) && !is_region(part) && *part != "aws-global",
        ArnPart::Account => !is_open(part) && !is_account(part),
        ArnPart::HostLabel => is_word_for_region(part),
    });
    let found: Vec<(&str, ArnPart)> = found.collect();
    let (written, place) = *found.first()?;
    let mut fixed = text.to_owned();
    for (part, place) in &found {
        let reference = match place {
            ArnPart::Account => "${account}",
            ArnPart::Region | ArnPart::HostLabel => "${region}",
        };
        fixed = fixed.replacen(part, reference, 1);
    }
    Some(Placeholder {
        written: written.to_owned(),
        what: match place {
            ArnPart::Account => "an account id",
            ArnPart::Region | ArnPart::HostLabel => "a region",
        },
        fixed,
        may_be_filled: is_filled_in(written),
    })
}

/// What a part of an ARN or address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ArnPart {
    Region,
    Account,
    /// A part of the name of a host.
    HostLabel,
}

fn parts(text: &str) -> Vec<(&str, ArnPart)> {
    if let Some((region, account)) = place_of(text) {
        // An address of a queue has its region in the host, which may have other words.
        return vec![(region, ArnPart::Region), (account, ArnPart::Account)];
    }
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    let is_aws = [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|end| host.ends_with(end));
    let labels = host.split('.').filter(|_| is_aws);
    labels.map(|label| (label, ArnPart::HostLabel)).collect()
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
        let has_place = !service.is_empty() && service != "apigateway" && !rest.contains("${env:");
        return has_place.then_some((region, account));
    }
    let rest = text.strip_prefix("https://sqs.")?;
    let (host, path) = rest.split_once('/')?;
    let (account, _) = path.split_once('/')?;
    Some((host.split('.').next()?, account))
}

/// Whether nothing is said by a part: it is empty, or has a reference or wildcards.
fn is_open(part: &str) -> bool {
    part.is_empty() || part.contains(['*', '?']) || part.contains("${")
}

/// Accounts have 12 digits. Resources of AWS have words there: `aws`, `cloudfront`.
fn is_account(text: &str) -> bool {
    let is_digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase());
    is_digits || (is_word && !has_root(text))
}

fn has_root(text: &str) -> bool {
    let lower = text.to_lowercase();
    ROOTS.iter().any(|root| lower.contains(root))
}

/// Whether a part of a host's name is a word such as `REGION` or `<region>`.
fn is_word_for_region(label: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !is_open(label)
        && !label.chars().all(is_plain)
        && ["region", "regiao", "região"]
            .iter()
            .any(|root| label.to_lowercase().contains(root))
}

/// Whether a program may fill a part in: `{region}` of Python, `$REGION` of a shell. `{{region}}` is doubtful.
fn is_filled_in(part: &str) -> bool {
    let is_braced = part.starts_with('{') && !part.starts_with("{{");
    is_braced || part.starts_with('$')
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

    #[test]
    fn placeholders_are_told_from_regions_and_accounts() {
        for (text, written, fixed) in [
            (
                "arn:aws:lambda:REGION:123456789012:function:f",
                "REGION",
                "arn:aws:lambda:${region}:123456789012:function:f",
            ),
            (
                "arn:aws:lambda:REGIAO:CONTA:function:f",
                "REGIAO",
                "arn:aws:lambda:${region}:${account}:function:f",
            ),
            (
                "arn:aws:lambda:us-east-1:ACCOUNT_ID:function:f",
                "ACCOUNT_ID",
                "arn:aws:lambda:us-east-1:${account}:function:f",
            ),
            (
                "arn:aws:dynamodb:us-east-1:<your-account>:table/t",
                "<your-account>",
                "arn:aws:dynamodb:us-east-1:${account}:table/t",
            ),
            (
                "arn:aws:sns:{{region}}:$ACCOUNT:t",
                "{{region}}",
                "arn:aws:sns:${region}:${account}:t",
            ),
            (
                "arn:aws:sns:sa-east-1:xxxxxxxxxxxx:t",
                "xxxxxxxxxxxx",
                "arn:aws:sns:sa-east-1:${account}:t",
            ),
            (
                "arn:aws:iam::account:role/LabRole",
                "account",
                "arn:aws:iam::${account}:role/LabRole",
            ),
            (
                "https://sqs.us-east-1.amazonaws.com/ACCOUNT/q",
                "ACCOUNT",
                "https://sqs.us-east-1.amazonaws.com/${account}/q",
            ),
            (
                "https://sqs.REGION.amazonaws.com/111122223333/q",
                "REGION",
                "https://sqs.${region}.amazonaws.com/111122223333/q",
            ),
            (
                "https://abc.execute-api.<region>.amazonaws.com/prod",
                "<region>",
                "https://abc.execute-api.${region}.amazonaws.com/prod",
            ),
        ] {
            let found = placeholder(text).expect(text);
            assert_eq!(
                (found.written.as_str(), found.fixed.as_str()),
                (written, fixed)
            );
        }
        for text in [
            "arn:aws:lambda:us-east-1:111122223333:function:f",
            "arn:aws:lambda:${region}:${account}:function:f",
            "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:f",
            "arn:${partition}:lambda:us-gov-west-1:111122223333:function:f",
            "arn:aws:s3:::bucket/key",
            "arn:aws:s3:::REGION/ACCOUNT_ID",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations",
            "arn:aws:states:::lambda:invoke",
            "arn:aws:sns:*:*:t",
            "arn:aws:sns:us-????-1:111122223333:t",
            "https://sqs.us-east-1.amazonaws.com/111122223333/q",
            "https://my-region.s3.us-east-1.amazonaws.com/x",
            "https://example.com/ACCOUNT/q",
            "https://REGION.example.com/q",
            "$HOME/bin",
            "Hello {{name}}",
            "REGION",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_program_may_fill_in_is_known() {
        for (text, expected) in [
            ("arn:aws:sns:{region}:{account}:t", true),
            ("arn:aws:sns:$REGION:$ACCOUNT:t", true),
            ("arn:aws:sns:REGION:ACCOUNT:t", false),
            ("arn:aws:sns:{{region}}:{{account}}:t", false),
        ] {
            let found = placeholder(text).expect(text);
            assert_eq!(found.may_be_filled, expected, "{text}");
        }
    }
}
