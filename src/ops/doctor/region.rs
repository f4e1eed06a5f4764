//! Whether the region has what the stack uses.

use std::collections::BTreeMap;

use super::Patient;
use super::findings::{DoctorFinding, DoctorTopic};
use crate::source::Diagnostics;
use crate::stack::Kind;

pub(super) fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let topic = DoctorTopic::Region;
    let connection = patient.connection;
    let region = &connection.region;
    if !connection.is_aws {
        return vec![topic.ok(format!("{region}, not of AWS itself"))];
    }
    let mut lacking: BTreeMap<&str, Vec<Kind>> = BTreeMap::new();
    for kind in patient.kinds() {
        for service in kind.facts().services {
            if connection.lacks(service) {
                lacking.entry(service).or_default().push(kind);
            }
        }
    }
    let named = match connection.region_name() {
        Some(name) => format!("{region} ({name})"),
        // A newer region than the list, or none at all: AWS has answered.
        None => format!("{region}, which AWS's list of regions did not have when treino was made"),
    };
    let mut found: Vec<DoctorFinding> = lacking
        .into_iter()
        .map(|(service, kinds)| {
            let kinds: Vec<String> = kinds.iter().map(|kind| format!("{kind}s")).collect();
            let message = format!("{region} has no {service}, which {} need", kinds.join(", "));
            topic
                .fails(message)
                .with("choose another region: `--region`")
        })
        .collect();
    if found.is_empty() {
        let enabled = if connection.is_opt_in() {
            ", enabled"
        } else {
            ""
        };
        let offered = if patient.stack.is_some() {
            ": offers what the stack uses"
        } else {
            ""
        };
        found.push(topic.ok(format!("{named}{enabled}{offered}")));
    }
    found
}

/// The warnings of a stack file that are about the region: services of its roles that it does not have.
pub(super) fn of_warnings(warnings: &Diagnostics, region: &str) -> Vec<DoctorFinding> {
    let about = |message: &str| message.contains(region) && message.contains(" has no ");
    let found = warnings.0.iter().filter(|one| about(&one.message));
    found
        .map(|one| {
            let finding = DoctorTopic::Region.warning(&one.message);
            match &one.help {
                Some(help) => finding.with(help),
                None => finding,
            }
        })
        .collect()
}
