//! Emptying and deleting a bucket: versions, delete markers, parts of unfinished uploads.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_s3::types::{Delete, EncodingType, ObjectIdentifier};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::object_lock::{self, RefusedVersion};
use super::{absent, builder_result};
use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::{Events, Leftover, ProviderError};
use crate::source::counted;

/// How many pages of up to 1000 objects are deleted at once.
const PAGES_AT_ONCE: usize = 4;
/// How often a bucket is emptied if objects keep arriving, as in the bucket of a trail.
const ROUNDS: u32 = 20;

/// Deletes a bucket with everything in it; already gone is success.
///
/// # Errors
/// What S3 refused to delete, by key, or that the bucket keeps filling up.
pub async fn bucket(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
    let deleted = AtomicUsize::new(0);
    let emptied = || contents(aws, name, &deleted, events);
    delete_when_empty(&aws.s3, name, &deleted, emptied).await
}

/// Deletes a directory bucket with everything in it; already gone is success.
///
/// # Errors
/// As for [`bucket`].
pub async fn directory_bucket(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
    let deleted = AtomicUsize::new(0);
    let emptied = || objects(aws, name, &deleted, events);
    delete_when_empty(&aws.s3_sessionless, name, &deleted, emptied).await
}

/// `deleted` is how many objects were deleted so far.
async fn delete_when_empty<F, Fut>(
    s3: &aws_sdk_s3::Client,
    name: &str,
    deleted: &AtomicUsize,
    emptied: F,
) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let left = |error: ProviderError| match deleted.load(Ordering::Relaxed) {
        0 => error,
        _ => error.with_leftover(Leftover::Partial),
    };
    for round in 0..ROUNDS {
        let bucket = s3.delete_bucket().bucket(name).send().await;
        match bucket.for_call("S3", "DeleteBucket") {
            Ok(_) => return Ok(()),
            Err(error) if error.is("NoSuchBucket") => return Ok(()),
            Err(error) if error.is("BucketNotEmpty") || error.is("OperationAborted") => {
                if round > 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(200 * u64::from(round)))
                        .await;
                }
                emptied().await.map_err(left)?;
            }
            Err(error) => return Err(left(error)),
        }
    }
    Err(ProviderError::new(format!(
        "the bucket {name} keeps filling up while it is emptied"
    ))
    .help("stop what writes to it, then destroy again")
    .with_leftover(Leftover::Partial))
}

async fn contents(
    aws: &Aws,
    name: &str,
    deleted: &AtomicUsize,
    events: &Events,
) -> Result<(), ProviderError> {
    let mut removed = 0;
    let mut deletions = FuturesUnordered::new();
    let mut pages = Pages::of("S3", "ListObjectVersions");
    let (mut key, mut version) = (None, None);
    loop {
        let call = aws
            .s3
            .list_object_versions()
            .bucket(name)
            .encoding_type(EncodingType::Url)
            .set_key_marker(key)
            .set_version_id_marker(version);
        let Some(page) = absent(
            call.send().await.for_call("S3", "ListObjectVersions"),
            &["NoSuchBucket"],
        )?
        else {
            return Ok(());
        };
        let versions = page
            .versions()
            .iter()
            .map(|v| (v.key.clone(), v.version_id.clone()));
        let markers = page
            .delete_markers()
            .iter()
            .map(|m| (m.key.clone(), m.version_id.clone()));
        let identify = |(key, version): (Option<String>, Option<String>)| {
            ObjectIdentifier::builder()
                .set_key(decoded(key, page.encoding_type()))
                .set_version_id(version)
                .build()
        };
        let objects: Result<Vec<_>, _> = versions.chain(markers).map(identify).collect();
        let objects = builder_result(objects)?;
        if !objects.is_empty() {
            removed += objects.len();
            events.note(
                name,
                format!("emptying: {}", counted(removed, "object version")),
            );
            deletions.push(delete(aws, name, objects, deleted));
        }
        if deletions.len() >= PAGES_AT_ONCE {
            finished(&mut deletions, PAGES_AT_ONCE - 1).await?;
        }
        let more = page.is_truncated == Some(true);
        let encoding = page.encoding_type;
        key = decoded(page.next_key_marker, encoding.as_ref());
        version = page.next_version_id_marker;
        if pages
            .next_if(more, both(key.as_deref(), version.as_deref()).as_deref())?
            .is_none()
        {
            break;
        }
    }
    finished(&mut deletions, 0).await?;
    uploads(aws, name).await
}

/// Waits until at most so many deletions are under way; after one that failed, for all of them, so that what was deleted
/// is known.
async fn finished<F: Future<Output = Result<(), ProviderError>>>(
    deletions: &mut FuturesUnordered<F>,
    under_way: usize,
) -> Result<(), ProviderError> {
    let mut failed = None;
    while failed.is_some() || deletions.len() > under_way {
        match deletions.next().await {
            Some(done) => failed = failed.or(done.err()),
            None => break,
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The start of a page of versions or uploads: a key, and the last version or upload id before the page.
fn both(key: Option<&str>, id: Option<&str>) -> Option<String> {
    Some(format!("{}\n{}", key?, id.unwrap_or_default()))
}

/// Decodes a key. Lists are requested URL-encoded, as XML cannot hold every character of a key; an endpoint
/// that does not encode keys does not set `EncodingType`.
fn decoded(key: Option<String>, encoding: Option<&EncodingType>) -> Option<String> {
    let key = key?;
    if encoding != Some(&EncodingType::Url) {
        return Some(key);
    }
    let spaced = key.replace('+', " ");
    let bytes = percent_encoding::percent_decode_str(&spaced);
    Some(bytes.decode_utf8_lossy().into_owned())
}

/// Directory buckets keep no versions, and list in no order.
async fn objects(
    aws: &Aws,
    name: &str,
    deleted: &AtomicUsize,
    events: &Events,
) -> Result<(), ProviderError> {
    let mut removed = 0;
    let mut pages = Pages::of("S3", "ListObjectsV2");
    let mut token = None;
    loop {
        let call = aws.s3.list_objects_v2().bucket(name);
        let call = call.encoding_type(EncodingType::Url);
        let call = call.set_continuation_token(token).send().await;
        let Some(page) = absent(call.for_call("S3", "ListObjectsV2"), &["NoSuchBucket"])? else {
            return Ok(());
        };
        let found = page.contents().iter();
        let found: Result<Vec<_>, _> = found
            .map(|object| {
                ObjectIdentifier::builder()
                    .set_key(decoded(object.key.clone(), page.encoding_type()))
                    .build()
            })
            .collect();
        let found = builder_result(found)?;
        if !found.is_empty() {
            removed += found.len();
            events.note(name, format!("emptying: {}", counted(removed, "object")));
            delete(aws, name, found, deleted).await?;
        }
        let more = page.is_truncated == Some(true);
        token = pages.next_if(more, page.next_continuation_token())?;
        if token.is_none() {
            return uploads(aws, name).await;
        }
    }
}

/// Deletes a batch; if wanted, versions that are locked in governance mode too.
async fn delete(
    aws: &Aws,
    name: &str,
    objects: Vec<ObjectIdentifier>,
    deleted: &AtomicUsize,
) -> Result<(), ProviderError> {
    let count = objects.len();
    let mut refused = delete_batch(aws, name, objects, false).await?;
    if aws.bypass_governance && !refused.is_empty() {
        let again = refused.iter().map(|version| {
            let object = ObjectIdentifier::builder().key(&version.key);
            object.set_version_id(version.version.clone()).build()
        });
        let again: Result<Vec<_>, _> = again.collect();
        match delete_batch(aws, name, builder_result(again)?, true).await {
            // The bucket has no Object Lock: something else keeps them.
            Err(error) if error.is("InvalidArgument") || error.is("InvalidRequest") => {}
            other => refused = other?,
        }
    }
    deleted.fetch_add(count.saturating_sub(refused.len()), Ordering::Relaxed);
    match refused.as_slice() {
        [] => Ok(()),
        refused => Err(object_lock::explained(aws, name, refused).await),
    }
}

/// Deletes a batch, and answers what S3 refuses for good. `DeleteObjects` answers 200 and lists the objects it
/// could not delete.
async fn delete_batch(
    aws: &Aws,
    name: &str,
    objects: Vec<ObjectIdentifier>,
    bypass: bool,
) -> Result<Vec<RefusedVersion>, ProviderError> {
    let bypass = bypass.then_some(true);
    let mut refused = Vec::new();
    let (objects, alone): (Vec<_>, Vec<_>) = objects
        .into_iter()
        .partition(|object| object.key().chars().all(is_in_xml));
    for object in alone {
        let call = aws.s3.delete_object().bucket(name).key(object.key());
        let call = call.set_version_id(object.version_id.clone());
        let call = call.set_bypass_governance_retention(bypass);
        let deleted = call.send().await.for_call("S3", "DeleteObject");
        match absent(deleted, &["NoSuchBucket"]) {
            Err(error) if is_refused_for_good(&error.code) => refused.push(RefusedVersion {
                key: object.key,
                version: object.version_id,
                code: error.code,
                message: error.message,
            }),
            other => drop(other?),
        }
    }
    if objects.is_empty() {
        return Ok(refused);
    }
    let batch = Delete::builder()
        .set_objects(Some(objects))
        .quiet(true)
        .build();
    let batch = builder_result(batch)?;
    let call = aws.s3.delete_objects().bucket(name).delete(batch);
    let call = call.set_bypass_governance_retention(bypass);
    let answer = call.send().await.for_call("S3", "DeleteObjects");
    let Some(answer) = absent(answer, &["NoSuchBucket"])? else {
        return Ok(refused);
    };
    // A transient failure is retried in the next round.
    let errors = answer.errors.unwrap_or_default().into_iter();
    let errors = errors.filter(|error| error.code().is_some_and(is_refused_for_good));
    refused.extend(errors.map(|error| RefusedVersion {
        key: error.key.unwrap_or_default(),
        version: error.version_id,
        code: error.code.unwrap_or_default(),
        message: error.message.unwrap_or_default(),
    }));
    Ok(refused)
}

/// Whether S3 refuses a deletion for good.
fn is_refused_for_good(code: &str) -> bool {
    matches!(code, "AccessDenied" | "InvalidRequest" | "MethodNotAllowed")
}

/// Whether XML 1.0 can hold a character: a key with another cannot be named in a batch.
/// <https://www.w3.org/TR/xml/#charsets>
fn is_in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

async fn uploads(aws: &Aws, name: &str) -> Result<(), ProviderError> {
    let mut pages = Pages::of("S3", "ListMultipartUploads");
    let (mut key, mut id) = (None, None);
    loop {
        let call = aws
            .s3
            .list_multipart_uploads()
            .bucket(name)
            .encoding_type(EncodingType::Url)
            .set_key_marker(key)
            .set_upload_id_marker(id);
        let Some(page) = absent(
            call.send().await.for_call("S3", "ListMultipartUploads"),
            &["NoSuchBucket"],
        )?
        else {
            return Ok(());
        };
        for upload in page.uploads() {
            let call = aws.s3.abort_multipart_upload().bucket(name);
            let call = call
                .set_key(decoded(upload.key.clone(), page.encoding_type()))
                .set_upload_id(upload.upload_id.clone());
            absent(
                call.send().await.for_call("S3", "AbortMultipartUpload"),
                &["NoSuchUpload", "NoSuchBucket"],
            )?;
        }
        let more = page.is_truncated == Some(true);
        let encoding = page.encoding_type;
        key = decoded(page.next_key_marker, encoding.as_ref());
        id = page.next_upload_id_marker;
        if pages
            .next_if(more, both(key.as_deref(), id.as_deref()).as_deref())?
            .is_none()
        {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_decoded_where_it_is_said_to_be_encoded() {
        let encoded = || Some("a+b%2B%C3%BC/%0D%0A%01".to_owned());
        let key = decoded(encoded(), Some(&EncodingType::Url));
        assert_eq!(key.as_deref(), Some("a b+\u{fc}/\r\n\u{1}"));
        assert_eq!(decoded(encoded(), None), encoded());
    }
}
