//! Answers that are whole: a success without what was asked for says nothing.
//!
//! The SDK takes an empty body for an empty answer, and a list that is missing for one without entries.
//! Something in between that answers `{}`, or nothing, would so empty an account.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::de::IgnoredAny;

use super::error::{HTML_PAGE, is_html};

/// A field that AWS never leaves out of a success of an operation.
#[derive(Debug)]
pub struct RequiredField {
    service: &'static str,
    operation: &'static str,
    field: RequiredPart,
}

#[derive(Debug)]
enum RequiredPart {
    /// A member of the JSON object, which is not null.
    Json(&'static str),
    /// A part of the text, such as the beginning of an XML element.
    Text(&'static str),
    /// The header with the id of the request.
    RequestId,
}

/// The header in which AWS answers with the id of the request.
const REQUEST_ID: &str = "x-amzn-requestid";

impl RequiredField {
    /// A member of the JSON object that an operation answers with. The service is named as its SDK
    /// does.
    pub const fn json(
        service: &'static str,
        operation: &'static str,
        member: &'static str,
    ) -> Self {
        Self {
            service,
            operation,
            field: RequiredPart::Json(member),
        }
    }

    /// A part of the text that an operation answers with, such as `<Roles` of XML.
    pub const fn text(service: &'static str, operation: &'static str, part: &'static str) -> Self {
        Self {
            service,
            operation,
            field: RequiredPart::Text(part),
        }
    }

    /// The id of the request alone, where AWS leaves out what is empty: what else answers `{}` gives
    /// none.
    pub const fn request_id(service: &'static str, operation: &'static str) -> Self {
        Self {
            service,
            operation,
            field: RequiredPart::RequestId,
        }
    }

    /// What is missing of it in an answer.
    fn missing(&self, response: &HttpResponse) -> Option<&'static str> {
        let body = response.body().bytes().unwrap_or_default();
        match self.field {
            RequiredPart::RequestId => {
                let there = response.headers().contains_key(REQUEST_ID);
                (!there).then_some(REQUEST_ID)
            }
            RequiredPart::Json(member) => {
                let fields: Option<BTreeMap<String, Option<IgnoredAny>>> =
                    serde_json::from_slice(body).ok();
                let there =
                    fields.is_some_and(|fields| fields.get(member).is_some_and(Option::is_some));
                (!there).then_some(member)
            }
            RequiredPart::Text(part) => {
                let mut texts = body.windows(part.len());
                let there = texts.any(|text| text == part.as_bytes());
                (!there).then(|| part.trim_start_matches('<'))
            }
        }
    }
}

/// Looks at every answer of success for the fields of these lists.
#[derive(Debug)]
pub struct ResponseValidation(pub &'static [&'static [RequiredField]]);

#[dyn_dispatch_hint]
impl Intercept for ResponseValidation {
    fn name(&self) -> &'static str {
        "ResponseValidation"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(call), Ok(_)) = (settings.load::<Metadata>(), context.output_or_error()) else {
            return Ok(());
        };
        let body = context.response().body().bytes().unwrap_or_default();
        // Where a call's answer says nothing, the SDK does not even look at it.
        if is_html(body) {
            return Err(HTML_PAGE.into());
        }
        match missing(self.0, (call.service(), call.name()), context.response()) {
            Some(member) => Err(format!("it lacks `{member}`").into()),
            None => Ok(()),
        }
    }
}

/// What an answer lacks of the fields of these lists.
fn missing(
    required: &[&[RequiredField]],
    (service, operation): (&str, &str),
    response: &HttpResponse,
) -> Option<&'static str> {
    required
        .iter()
        .flat_map(|fields| fields.iter())
        .filter(|field| field.service == service && field.operation == operation)
        .find_map(|field| field.missing(response))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn an_empty_list_is_told_from_none() {
        let required: &[&[RequiredField]] = &[&[
            RequiredField::json("DynamoDB", "ListTables", "TableNames"),
            RequiredField::text("IAM", "ListRoles", "<Roles"),
            RequiredField::request_id("SQS", "ListQueues"),
        ]];
        let of = |service, operation, body: &str| {
            let body = SdkBody::from(body);
            let answer = HttpResponse::new(200.try_into().unwrap(), body);
            missing(required, (service, operation), &answer)
        };
        let tables = |body: &str| of("DynamoDB", "ListTables", body);
        assert_eq!(tables(r#"{"TableNames": []}"#), None);
        for nothing in ["", "{}", "null", "[]", r#"{"TableNames": null}"#] {
            assert_eq!(tables(nothing), Some("TableNames"), "{nothing}");
        }
        let roles = |body: &str| of("IAM", "ListRoles", body);
        assert_eq!(roles("<ListRolesResult><Roles/></ListRolesResult>"), None);
        assert_eq!(roles("<ListRolesResult/>"), Some("Roles"));
        assert_eq!(of("Lambda", "DeleteFunction", ""), None);
        assert_eq!(of("SQS", "ListQueues", "{}"), Some(REQUEST_ID));
    }
}
