//! The tags of directory buckets, which S3 Control keeps.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html>

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, XmlDecodeError, try_data};
use aws_smithy_xml::encode::XmlWriter;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::signed_request::{self, Request, ResponseParser, Service};
use crate::engine::ProviderError;
use crate::stack::Tags;

const SERVICE: Service = Service {
    id: "S3 Control",
    host: "s3-control",
    signing: "s3",
    by_account: true,
};

/// The namespace of its requests.
const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";

/// What signatures do not encode.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// In a path, slashes stay.
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The tags of the bucket with this ARN (`ListTagsForResource`).
pub async fn read(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    let of = ("GET", "ListTagsForResource");
    call(aws, of, (arn, String::new()), String::new(), |body| {
        Ok(parsed(body)?)
    })
    .await
}

/// Sets tags (`TagResource`).
pub async fn set(aws: &Aws, arn: &str, tags: &Tags) -> Result<(), ProviderError> {
    let of = ("POST", "TagResource");
    call(aws, of, (arn, String::new()), written(tags), |_| Ok(())).await
}

/// Removes tags (`UntagResource`).
pub async fn remove(aws: &Aws, arn: &str, keys: &[String]) -> Result<(), ProviderError> {
    let keys = keys.iter();
    let keys = keys.map(|key| format!("tagKeys={}", utf8_percent_encode(key, UNRESERVED)));
    let query = format!("?{}", keys.collect::<Vec<_>>().join("&"));
    let of = ("DELETE", "UntagResource");
    call(aws, of, (arn, query), String::new(), |_| Ok(())).await
}

async fn call<T: std::fmt::Debug + Send + Sync + 'static>(
    aws: &Aws,
    (method, operation): (&'static str, &'static str),
    (arn, query): (&str, String),
    body: String,
    success: fn(&str) -> Result<T, BoxError>,
) -> Result<T, ProviderError> {
    let arn = utf8_percent_encode(arn, PATH);
    let request = Request {
        method,
        path: format!("/v20180820/tags/{arn}{query}"),
        headers: vec![
            ("content-type", "application/xml".to_owned()),
            ("x-amz-account-id", aws.target.account.clone()),
        ],
        body,
    };
    let parser = ResponseParser { success, refusal };
    let answer = signed_request::call(
        &aws.config,
        &aws.target,
        SERVICE,
        operation,
        request,
        parser,
    );
    answer.await.for_call("S3 Control", operation)
}

fn written(tags: &Tags) -> String {
    let mut text = String::new();
    let mut document = XmlWriter::new(&mut text);
    let mut root = document
        .start_el("TagResourceRequest")
        .write_ns(NAMESPACE, None)
        .finish();
    let mut list = root.start_el("Tags").finish();
    for (key, value) in tags {
        let mut tag = list.start_el("Tag").finish();
        for (name, text) in [("Key", key), ("Value", value)] {
            let mut element = tag.start_el(name).finish();
            element.data(text);
            element.finish();
        }
        tag.finish();
    }
    list.finish();
    root.finish();
    text
}

fn parsed(body: &str) -> Result<Tags, XmlDecodeError> {
    let mut tags = Tags::new();
    let mut document = Document::new(body);
    let mut root = document.root_element()?;
    while let Some(mut list) = root.next_tag() {
        if !list.start_el().matches("Tags") {
            continue;
        }
        while let Some(mut tag) = list.next_tag() {
            let (mut key, mut value) = (String::new(), String::new());
            while let Some(mut field) = tag.next_tag() {
                if field.start_el().matches("Key") {
                    key = try_data(&mut field)?.into_owned();
                } else if field.start_el().matches("Value") {
                    value = try_data(&mut field)?.into_owned();
                }
            }
            tags.insert(key, value);
        }
    }
    Ok(tags)
}

/// `<ErrorResponse><Error><Code>...`, or `<Error>` alone.
fn refusal(response: &HttpResponse) -> ErrorMetadata {
    let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    let mut meta = ErrorMetadata::builder();
    let mut document = Document::new(&body);
    // What is no XML has neither code nor message.
    while let Some(element) = document.next_start_element() {
        let (code, message) = (element.matches("Code"), element.matches("Message"));
        if !code && !message {
            continue;
        }
        let mut scope = document.scoped_to(element);
        let Ok(text) = try_data(&mut scope) else {
            break;
        };
        meta = if code {
            meta.code(text)
        } else {
            meta.message(text)
        };
    }
    meta.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_and_read() {
        let tags = Tags::from([
            ("a&b".to_owned(), "<1>".to_owned()),
            ("c".to_owned(), String::new()),
        ]);
        let written = written(&tags);
        assert_eq!(
            written,
            "<TagResourceRequest xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\"><Tags>\
             <Tag><Key>a&amp;b</Key><Value>&lt;1&gt;</Value></Tag><Tag><Key>c</Key><Value></Value></Tag>\
             </Tags></TagResourceRequest>"
        );
        assert_eq!(parsed(&written).unwrap(), tags);
        assert!(parsed("{}").is_err());
        assert!(parsed("<ListTagsForResourceResult/>").unwrap().is_empty());
    }
}
