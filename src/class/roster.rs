//! The roster of a class: a CSV file with one line for each student.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::csv::{CsvField, records, separator};
use super::student_name::{name_fault, plain_owner};
use crate::aws::is_region;
use crate::source::{Diagnostic, Diagnostics, Source, Span, counted, is_invisible};
use crate::stack::{did_you_mean, owner_error};

/// The largest roster that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

const COLUMNS: [&str; 5] = ["owner", "name", "profile", "role_arn", "region"];

/// The most faults that are told.
const MOST_FAULTS: usize = 20;

/// A student: one stack is deployed for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Student {
    /// The owner of the stack: a part of the names of its resources.
    pub owner: String,
    /// What the student is called. It is shown, and never sent to AWS.
    pub name: Option<String>,
    /// The profile of the AWS configuration files for the student's account.
    pub profile: Option<String>,
    /// The ARN of the role in the student's account that is assumed.
    pub role_arn: Option<String>,
    /// The region's code.
    pub region: Option<String>,
    /// Where the roster has the student: the file and the line.
    pub place: String,
}

/// The students of a class, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The students; at least one.
    pub students: Vec<Student>,
    /// What separates its columns.
    pub separator: char,
}

/// Reads a roster.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn read(path: &Path) -> Result<Roster, Diagnostics> {
    if path == Path::new("-") {
        let wrong = Diagnostic::error("a roster is not read from the standard input");
        return Err(wrong.help("write it into a file, and name that").into());
    }
    let source = Source::read(path, LARGEST).map_err(|wrong| {
        let is_encoding = wrong.message.contains("UTF-");
        if is_encoding {
            wrong.help("save the file as UTF-8: in Excel, as `CSV UTF-8 (Comma delimited)`")
        } else {
            wrong
        }
    })?;
    of_source(&source)
}

/// The first of many faults, and how many more there are.
fn first_of(mut wrong: Diagnostics) -> Diagnostics {
    let more = wrong.0.len().saturating_sub(MOST_FAULTS);
    if more > 1 {
        let place = wrong.0[MOST_FAULTS].place.clone();
        wrong.0.truncate(MOST_FAULTS);
        let text = format!("and {} of the roster", counted(more, "more error"));
        let last = Diagnostic::warning(text).help("correct those above first");
        wrong.push(Diagnostic { place, ..last });
    }
    wrong
}

fn of_source(source: &Arc<Source>) -> Result<Roster, Diagnostics> {
    let mut reading = Reading {
        source,
        wrong: Diagnostics::default(),
    };
    // Old programs end a file with this.
    let text = source.text.trim_end_matches('\u{1a}');
    let separator = char::from(separator(text).1);
    let mut records = records(text).into_iter();
    let Some(header) = records.next() else {
        let empty = Diagnostic::error(format!(
            "`{}` is empty: a roster has a first line that names its columns",
            source.name
        ));
        return Err(empty
            .help("write `owner` in the first line, and an owner in each line after it")
            .into());
    };
    let columns = reading.columns(&header);
    let mut students = Vec::new();
    let mut owners = BTreeMap::new();
    for record in records {
        if reading.is_separated_otherwise(&header, &record) {
            break;
        }
        reading.check_quotes(&record);
        if let Some(columns) = &columns {
            students.extend(reading.student(&record, columns, &mut owners));
        }
    }
    let nobody = students.is_empty() && owners.is_empty() && reading.wrong.0.is_empty();
    if nobody {
        let end = header.last().map_or_else(Span::default, |field| field.span);
        reading.wrong(
            end,
            "the roster has no student",
            "write an owner in each line after the first",
        );
    }
    let roster = Roster {
        students,
        separator,
    };
    let read = reading.wrong.into_result(roster);
    read.map(|(roster, _)| roster).map_err(first_of)
}

/// What a field is: one of [`COLUMNS`]; nothing for a column without a name.
type RosterColumns = Vec<Option<&'static str>>;

struct Reading<'a> {
    source: &'a Arc<Source>,
    wrong: Diagnostics,
}

impl Reading<'_> {
    fn wrong(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let wrong = Diagnostic::error(message).at(self.source, span);
        self.wrong.push(wrong.help(help));
    }

    /// The columns; nothing where the owners are in none of them.
    fn columns(&mut self, header: &[CsvField]) -> Option<RosterColumns> {
        let mut columns: RosterColumns = Vec::new();
        self.check_quotes(header);
        for field in header {
            let plain = field.text.to_lowercase().replace([' ', '-'], "_");
            let known = COLUMNS.into_iter().find(|column| *column == plain);
            if let Some(column) = known
                && columns.contains(&Some(column))
            {
                self.wrong(
                    field.span,
                    format!("the column `{column}` is there twice"),
                    "leave one of them out",
                );
            }
            if known.is_none() && !field.text.is_empty() {
                let help = did_you_mean(&plain, &COLUMNS);
                self.wrong(
                    field.span,
                    format!("a roster has no column `{}`", field.text),
                    help,
                );
            }
            columns.push(known);
        }
        if columns.contains(&Some("owner")) {
            return Some(columns);
        }
        let first = header
            .first()
            .map_or_else(Span::default, |field| field.span);
        // A header with faults may well have meant it.
        if self.wrong.0.is_empty() || header.len() == 1 {
            self.wrong.0.clear();
        }
        self.wrong(
            first,
            "the first line names no column `owner`",
            "name the columns in the first line, such as `owner,name`",
        );
        None
    }

    /// What is quoted ends in its line: one quotation mark too few takes the lines after it, too.
    fn check_quotes(&mut self, record: &[CsvField]) {
        for field in record
            .iter()
            .filter(|field| field.text.contains(['\n', '\r']))
        {
            let start = field.span.start;
            let span = Span {
                start,
                end: start + 1,
            };
            self.wrong(
                span,
                "the quotation mark here is not closed in its line",
                "close it, or leave it out; a quotation mark within quotation marks is written twice",
            );
        }
        if let Some(last) = record.last() {
            let raw = &self.source.text[last.span.start..last.span.end];
            let is_open = raw.starts_with('"') && (raw.len() == 1 || !raw.ends_with('"'));
            if is_open && !last.text.contains('\n') && last.span.end + 2 >= self.source.text.len() {
                self.wrong(
                    last.span,
                    "the quotation mark here is not closed",
                    "close it, or leave it out",
                );
            }
        }
    }

    /// Whether the fields of this line are separated by another character than those of the first line: it is told, and the
    /// lines after it are like it.
    fn is_separated_otherwise(&mut self, header: &[CsvField], record: &[CsvField]) -> bool {
        let ([first, second, ..], [only]) = (header, record) else {
            return false;
        };
        let between = &self.source.text[first.span.end..second.span.start];
        let name = |c: char| match c {
            ',' => "commas",
            ';' => "semicolons",
            _ => "tabs",
        };
        let used = between.chars().find(|c| ",;\t".contains(*c));
        let other = only.text.chars().find(|c| ",;\t".contains(*c));
        let (Some(used), Some(other)) = (used, other) else {
            return false;
        };
        let is_otherwise = used != other && only.text.split(other).count() <= header.len();
        if is_otherwise {
            let message = format!(
                "the fields of this line are separated by {}, those of the first line by {}",
                name(other),
                name(used)
            );
            self.wrong(
                only.span,
                message,
                "separate all fields by the same character",
            );
        }
        is_otherwise
    }

    fn student(
        &mut self,
        record: &[CsvField],
        columns: &RosterColumns,
        owners: &mut BTreeMap<String, usize>,
    ) -> Option<Student> {
        let first = record.first()?.span;
        let nameless = record.iter().enumerate().skip(columns.len());
        let nameless: Vec<&CsvField> = nameless
            .map(|(_, field)| field)
            .filter(|field| !field.text.is_empty())
            .collect();
        if let Some(more) = nameless.first() {
            let help = "put a field with a separator in it between quotation marks";
            self.wrong(
                more.span,
                format!(
                    "this line has more fields than the first line has columns, {}",
                    columns.len()
                ),
                help,
            );
        }
        let of = |column: &str| {
            let at = columns.iter().position(|one| *one == Some(column))?;
            record.get(at).filter(|field| !field.text.is_empty())
        };
        let text = |field: Option<&CsvField>| field.map(|field| field.text.clone());
        let before = self.wrong.0.len();
        let (name, profile, role, region) =
            (of("name"), of("profile"), of("role_arn"), of("region"));
        let owner = if let Some(owner) = of("owner") {
            self.check_owner(owner, owners);
            owner.text.clone()
        } else {
            self.wrong(
                first,
                "this line has no owner",
                "write one in the column `owner`, or remove the line",
            );
            String::new()
        };
        let wrong = name.and_then(|name| Some((name.span, name_fault(&name.text)?)));
        if let Some((span, (message, help))) = wrong {
            self.wrong(span, message, help);
        }
        if let (Some(role), Some(_)) = (role, profile) {
            let help = "a profile can assume a role itself: `role_arn` and `source_profile` in the AWS configuration file";
            self.wrong(
                role.span,
                "this line has a profile and a role",
                format!("leave one of them out; {help}"),
            );
        }
        if let Some(role) = role.filter(|role| account_of_role(&role.text).is_none()) {
            let help = "write it like arn:aws:iam::111122223333:role/student";
            self.wrong(
                role.span,
                format!("`{}` is not the ARN of a role", role.text),
                help,
            );
        }
        if let Some(region) = region.filter(|region| !is_region(&region.text)) {
            let help = "regions look like us-east-1, eu-west-1 or sa-east-1";
            self.wrong(
                region.span,
                format!("`{}` is not an AWS region", region.text),
                help,
            );
        }
        (self.wrong.0.len() == before).then(|| Student {
            owner,
            name: text(name),
            profile: text(profile),
            role_arn: text(role),
            region: text(region),
            place: {
                let (line, _) = first.line_column(self.source);
                format!("{}:{line}", self.source.name)
            },
        })
    }

    fn check_owner(&mut self, owner: &CsvField, owners: &mut BTreeMap<String, usize>) {
        let (line, _) = owner.span.line_column(self.source);
        // Where names differ in letter case alone, AWS takes some for the same.
        let plain = owner.text.to_lowercase();
        if let Some(earlier) = owners.get(&plain) {
            self.wrong(
                owner.span,
                format!("the owner `{}` is in line {earlier} already", owner.text),
                "give each student an owner of their own",
            );
        } else if let Some(c) = owner.text.chars().find(|c| is_invisible(*c)) {
            let code = format!("U+{:04X}", u32::from(c));
            self.wrong(
                owner.span,
                format!("this owner has an invisible character ({code})"),
                "write the owner anew, without it",
            );
        } else if let Some(wrong) = owner_error(&owner.text) {
            let plain = plain_owner(&owner.text);
            let help = match owner_error(&plain) {
                None => format!("{wrong}, such as `{plain}`"),
                Some(_) => wrong,
            };
            self.wrong(
                owner.span,
                format!("`{}` cannot be an owner", owner.text),
                help,
            );
        }
        owners.entry(plain).or_insert(line);
    }
}

/// The account id in the ARN of a role.
#[must_use]
pub fn account_of_role(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [arn, partition, "iam", "", account, role] = parts[..] else {
        return None;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_role = role
        .strip_prefix("role/")
        .is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace));
    (arn == "arn" && partition.starts_with("aws") && is_account && is_role).then_some(account)
}

impl Roster {
    /// Those of these owners, or all where none is named.
    ///
    /// # Errors
    /// The roster has no such owner.
    pub fn only(&self, owners: &[String]) -> Result<Vec<Student>, String> {
        let known: Vec<&str> = self.students.iter().map(|one| one.owner.as_str()).collect();
        if let Some(unknown) = owners.iter().find(|owner| !known.contains(&owner.as_str())) {
            let help = did_you_mean(unknown, &known);
            let all = counted(known.len(), "owner");
            return Err(format!(
                "--only {unknown}: the roster has {all}, and not this one: {help}"
            ));
        }
        let all = self.students.iter();
        let chosen = all.filter(|one| owners.is_empty() || owners.contains(&one.owner));
        Ok(chosen.cloned().collect())
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
