//! The event selectors of a trail, basic and advanced.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, DataResource, EventSelector, ReadWriteType,
};
use serde_json::{Value, json};

use super::{CallContext, settled};
use crate::aws::Aws;
use crate::aws::resources::builder_result;
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;
use crate::stack::kinds::{Record, SelectorSpec, TrailSpec};

const OBJECTS: &str = "AWS::S3::Object";

const CATEGORY: &str = "eventCategory";
const TYPE: &str = "resources.type";
const READ_ONLY: &str = "readOnly";
const ARN: &str = "resources.ARN";

/// The selectors of a trail.
pub(super) async fn selectors(aws: &Aws, name: &str) -> Result<Vec<SelectorSpec>, ProviderError> {
    let answer = aws
        .cloudtrail
        .get_event_selectors()
        .trail_name(name)
        .send()
        .await;
    let answer = answer.for_call("CloudTrail", "GetEventSelectors")?;
    let basic = answer.event_selectors().iter().map(basic);
    let advanced = answer.advanced_event_selectors().iter().map(advanced);
    Ok(basic.chain(advanced).collect())
}

fn basic(seen: &EventSelector) -> SelectorSpec {
    let is_objects = |resource: &&DataResource| resource.r#type() == Some(OBJECTS);
    let mut objects: Vec<String> = seen
        .data_resources()
        .iter()
        .filter(is_objects)
        .flat_map(|r| r.values().to_vec())
        .collect();
    objects.sort();
    let others: Vec<Value> = seen
        .data_resources()
        .iter()
        .filter(|resource| !is_objects(resource))
        .map(|resource| json!({ "type": resource.r#type(), "values": resource.values() }))
        .collect();
    SelectorSpec {
        record: match seen.read_write_type() {
            Some(ReadWriteType::WriteOnly) => Record::Write,
            Some(ReadWriteType::ReadOnly) => Record::Read,
            _ => Record::All,
        },
        management_events: seen.include_management_events().unwrap_or(true),
        objects,
        advanced: false,
        other: (!others.is_empty()).then_some(Value::Array(others)),
    }
}

/// One as treino writes it, or else as text.
fn advanced(seen: &AdvancedEventSelector) -> SelectorSpec {
    let mut spec = SelectorSpec {
        record: Record::All,
        management_events: false,
        objects: Vec::new(),
        advanced: true,
        other: None,
    };
    for field in seen.field_selectors() {
        let is_this = |wanted: &AdvancedFieldSelector| {
            field.field() == wanted.field() && parts(field) == parts(wanted)
        };
        let starts = field.starts_with();
        let is_known = match field.field() {
            CATEGORY => equals(CATEGORY, "Data").is_ok_and(|wanted| is_this(&wanted)),
            TYPE => equals(TYPE, OBJECTS).is_ok_and(|wanted| is_this(&wanted)),
            READ_ONLY => match field.equals() {
                [one] if one == "false" || one == "true" => {
                    spec.record = if one == "true" {
                        Record::Read
                    } else {
                        Record::Write
                    };
                    equals(READ_ONLY, one).is_ok_and(|wanted| is_this(&wanted))
                }
                _ => false,
            },
            ARN => {
                spec.objects = starts.to_vec();
                spec.objects.sort();
                parts(field)[1..].iter().all(|values| values.is_empty())
            }
            _ => false,
        };
        if !is_known {
            spec.other = Some(json!({ "advanced_selector": format!("{seen:?}") }));
            spec.objects.clear();
            break;
        }
    }
    spec
}

/// The operators of a field with their values.
fn parts(field: &AdvancedFieldSelector) -> [&[String]; 6] {
    [
        field.starts_with(),
        field.equals(),
        field.ends_with(),
        field.not_equals(),
        field.not_starts_with(),
        field.not_ends_with(),
    ]
}

fn equals(field: &str, value: &str) -> Result<AdvancedFieldSelector, ProviderError> {
    builder_result(
        AdvancedFieldSelector::builder()
            .field(field)
            .equals(value)
            .build(),
    )
}

fn starts_with(values: Vec<String>) -> Result<AdvancedFieldSelector, ProviderError> {
    let field = AdvancedFieldSelector::builder().field(ARN);
    builder_result(field.set_starts_with(Some(values)).build())
}

/// Sets the selectors of a trail: all of them advanced, or none.
pub(super) async fn select(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &TrailSpec,
) -> Result<(), ProviderError> {
    let (advanced, basic): (Vec<_>, Vec<_>) = want.selectors.iter().partition(|one| one.advanced);
    let basic: Vec<EventSelector> = basic.into_iter().map(as_basic).collect();
    let advanced = advanced.into_iter().map(as_advanced);
    let advanced = advanced.collect::<Result<Vec<AdvancedEventSelector>, _>>()?;
    settled(cx, || async {
        let call = aws.cloudtrail.put_event_selectors().trail_name(cx.name);
        let call = if advanced.is_empty() {
            call.set_event_selectors(Some(basic.clone()))
        } else {
            call.set_advanced_event_selectors(Some(advanced.clone()))
        };
        let answer = call.send().await;
        answer.for_call("CloudTrail", "PutEventSelectors").map(drop)
    })
    .await
}

fn as_basic(selector: &SelectorSpec) -> EventSelector {
    let resource = DataResource::builder()
        .r#type(OBJECTS)
        .set_values(Some(selector.objects.clone()))
        .build();
    EventSelector::builder()
        .read_write_type(match selector.record {
            Record::Write => ReadWriteType::WriteOnly,
            Record::Read => ReadWriteType::ReadOnly,
            Record::All => ReadWriteType::All,
        })
        .include_management_events(selector.management_events)
        .data_resources(resource)
        .build()
}

fn as_advanced(selector: &SelectorSpec) -> Result<AdvancedEventSelector, ProviderError> {
    let mut fields = vec![equals(CATEGORY, "Data")?, equals(TYPE, OBJECTS)?];
    match selector.record {
        Record::Write => fields.push(equals(READ_ONLY, "false")?),
        Record::Read => fields.push(equals(READ_ONLY, "true")?),
        Record::All => {}
    }
    fields.push(starts_with(selector.objects.clone())?);
    let built = AdvancedEventSelector::builder()
        .set_field_selectors(Some(fields))
        .build();
    builder_result(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(record: Record) -> SelectorSpec {
        SelectorSpec {
            record,
            management_events: false,
            objects: vec!["arn:aws:s3:::a/".into(), "arn:aws:s3:::b/".into()],
            advanced: true,
            other: None,
        }
    }

    #[test]
    fn an_advanced_selector_is_read_as_it_is_written() {
        for record in [Record::Write, Record::Read, Record::All] {
            let written = as_advanced(&spec(record)).unwrap();
            assert_eq!(advanced(&written), spec(record));
        }
    }

    #[test]
    fn what_somebody_added_to_an_advanced_selector_is_seen() {
        let added = AdvancedFieldSelector::builder()
            .field("eventName")
            .equals("PutObject")
            .build()
            .unwrap();
        let not = AdvancedFieldSelector::builder()
            .field(ARN)
            .starts_with("arn:aws:s3:::a/")
            .not_starts_with("arn:aws:s3:::a/x")
            .build()
            .unwrap();
        let mut fields = as_advanced(&spec(Record::Write))
            .unwrap()
            .field_selectors()
            .to_vec();
        for wrong in [[&fields[..], &[added]].concat(), {
            fields[3] = not;
            fields.clone()
        }] {
            let seen = AdvancedEventSelector::builder()
                .set_field_selectors(Some(wrong))
                .build()
                .unwrap();
            assert!(advanced(&seen).other.is_some(), "{seen:?}");
        }
    }
}
