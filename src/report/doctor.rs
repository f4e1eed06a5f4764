//! What `doctor` found, as text.

use super::cost::wrapped;
use super::style::{bold, dim, error, success, warning};
use crate::ops::{Diagnosis, DoctorFinding, DoctorTopic, FindingLevel};
use crate::source::counted;

/// The width of the column with the levels.
const LEVEL: usize = 9;

/// Each finding in a line or two, by topic, and what follows.
#[must_use]
pub fn doctor(of: &Diagnosis) -> String {
    let mut lines = Vec::new();
    let mut topic = None;
    for finding in &of.findings {
        if topic != Some(finding.topic) {
            topic = Some(finding.topic);
            lines.push(bold(title(finding.topic)));
        }
        lines.extend(lines_of(finding));
    }
    lines.push(String::new());
    lines.push(sum(of));
    lines.join("\n")
}

fn lines_of(finding: &DoctorFinding) -> Vec<String> {
    let blank = " ".repeat(LEVEL + 3);
    let mut lines = wrapped(&finding.message, &blank, &blank);
    if let Some(first) = lines.first_mut() {
        let (text, colour): (&str, fn(&str) -> String) = match finding.level {
            FindingLevel::Ok => ("ok", success),
            FindingLevel::Warning => ("warning", warning),
            FindingLevel::Fails => ("fails", error),
            FindingLevel::NotKnown => ("not known", dim),
        };
        let message = first.trim_start().to_owned();
        let gap = " ".repeat(LEVEL - text.len());
        *first = format!("  {}{gap} {message}", colour(text));
    }
    if let Some(help) = &finding.help {
        lines.extend(wrapped(
            help,
            &format!("{blank}-> "),
            &format!("{blank}   "),
        ));
    }
    lines
}

fn title(topic: DoctorTopic) -> &'static str {
    match topic {
        DoctorTopic::Stack => "stack file",
        DoctorTopic::Credentials => "credentials",
        DoctorTopic::Clock => "clock",
        DoctorTopic::Region => "region",
        DoctorTopic::Permissions => "permissions",
        DoctorTopic::Roles => "existing roles",
        DoctorTopic::Quotas => "quotas",
        DoctorTopic::Account => "account",
        DoctorTopic::Local => "this machine",
    }
}

fn sum(of: &Diagnosis) -> String {
    let count = |level| of.findings.iter().filter(|one| one.level == level).count();
    let (fails, warnings) = (count(FindingLevel::Fails), count(FindingLevel::Warning));
    let unknown = count(FindingLevel::NotKnown);
    let what = of.stack.as_ref().map_or_else(
        || "a deploy".to_owned(),
        |stack| format!("a deploy of {stack}"),
    );
    let mut sum = if fails > 0 {
        error(&format!("{what} would fail: {}", counted(fails, "reason")))
    } else {
        success(&format!("nothing is found by which {what} would fail"))
    };
    let more = [
        (warnings, "warning".to_owned()),
        (unknown, "thing".to_owned()),
    ];
    for (count, noun) in more {
        if count > 0 {
            let end = if noun == "thing" { " not known" } else { "" };
            sum = format!("{sum}, {}{end}", counted(count, &noun));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(
        topic: DoctorTopic,
        level: FindingLevel,
        message: &str,
        help: Option<&str>,
    ) -> DoctorFinding {
        DoctorFinding {
            topic,
            level,
            message: message.to_owned(),
            help: help.map(String::from),
        }
    }

    #[test]
    fn findings_stand_below_their_topic_and_fit_80_columns() {
        let diagnosis = Diagnosis {
            stack: Some("lab".to_owned()),
            account: None,
            region: None,
            fails: true,
            findings: vec![
                finding(DoctorTopic::Credentials, FindingLevel::Ok, "user/ana, account 111122223333", None),
                finding(
                    DoctorTopic::Permissions,
                    FindingLevel::Fails,
                    &"roles cannot be made; not allowed: iam:CreateRole, iam:PutRolePolicy, iam:TagRole ".repeat(2),
                    Some("name an existing role for the whole stack: `defaults: { role: \"arn:aws:iam::111122223333:role/LabRole\" }`"),
                ),
                finding(DoctorTopic::Permissions, FindingLevel::Warning, "a destroy needs", None),
                finding(DoctorTopic::Quotas, FindingLevel::NotKnown, "roles", None),
            ],
        };
        let text = anstream::adapter::strip_str(&doctor(&diagnosis)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert_eq!(lines[0], "credentials");
        assert_eq!(lines[1], "  ok        user/ana, account 111122223333");
        assert_eq!(
            lines.iter().filter(|line| **line == "permissions").count(),
            1,
            "{text}"
        );
        assert!(
            lines
                .iter()
                .any(|line| line.trim_start().starts_with("-> name an existing")),
            "{text}"
        );
        assert_eq!(
            *lines.last().unwrap(),
            "a deploy of lab would fail: 1 reason, 1 warning, 1 thing not known"
        );
        let good = Diagnosis {
            stack: None,
            fails: false,
            findings: diagnosis.findings[..1].to_vec(),
            ..diagnosis
        };
        let text = anstream::adapter::strip_str(&doctor(&good)).to_string();
        assert!(
            text.ends_with("nothing is found by which a deploy would fail"),
            "{text}"
        );
    }
}
