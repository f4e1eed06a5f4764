//! Event source mappings that somebody created for a function. They outlive it, and go on polling their source.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use crate::aws::Aws;
use crate::aws::resources::absent;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::engine::{Events, ProviderError};

const GONE: &[&str] = &["ResourceNotFoundException"];

/// Deletes the event source mappings of a function, enabled or not, and waits for it.
pub async fn delete(aws: &Aws, function: &str, events: &Events) -> Result<(), ProviderError> {
    let mappings = match all(aws).await {
        // A denied list call is reported by the verification of the destroy.
        Err(error) if error.is_denied() => return Ok(()),
        mappings => mappings?,
    };
    let ours = |mapping: &EventSourceMappingConfiguration| is_of(mapping, function);
    if !mappings.iter().any(ours) {
        return Ok(());
    }
    for id in mappings
        .iter()
        .filter(|one| ours(one))
        .filter_map(|one| one.uuid())
    {
        events.note(function, format!("deleting its event source mapping {id}"));
        let say = (
            events,
            function,
            "its event source mapping is being changed",
        );
        let deleted = retry_while(
            waiter::STATUS_TIMEOUT,
            say,
            error_codes::is_event_source_mapping_in_use,
            || async {
                let call = aws.lambda.delete_event_source_mapping().uuid(id);
                call.send()
                    .await
                    .for_call("Lambda", "DeleteEventSourceMapping")
            },
        );
        absent(deleted.await, GONE)?;
    }
    let say = (
        events,
        function,
        "its event source mappings are being deleted",
    );
    waiter::wait_for(waiter::STATUS_TIMEOUT, say, || async {
        let left = all(aws).await?;
        Ok((!left.iter().any(ours)).then_some(()))
    })
    .await
}

/// The functions that still have an event source mapping.
pub async fn left_of(aws: &Aws, functions: &[String]) -> Result<Vec<String>, ProviderError> {
    let mappings = all(aws).await?;
    let has_any = |function: &&String| mappings.iter().any(|one| is_of(one, function));
    Ok(functions.iter().filter(has_any).cloned().collect())
}

/// Whether a mapping invokes this function, or a version or alias of it.
fn is_of(mapping: &EventSourceMappingConfiguration, function: &str) -> bool {
    let arn = mapping.function_arn().unwrap_or_default();
    arn.split(':').nth(6) == Some(function)
}

/// Those of the account and region, as one list finds them.
type ListedMappings = Result<Vec<EventSourceMappingConfiguration>, ProviderError>;

/// The list that is under way, if one is: a stack's functions are deleted at once, and each asks for all mappings.
#[derive(Debug, Clone, Default)]
pub struct ListingMappings(Arc<Mutex<Option<Shared<BoxFuture<'static, ListedMappings>>>>>);

/// All event source mappings: Lambda does not list those of a deleted function by its name.
async fn all(aws: &Aws) -> ListedMappings {
    let listing = {
        let mut under_way = aws
            .mappings
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*under_way {
            Some(listing) if listing.peek().is_none() => listing.clone(),
            _ => {
                // Without this list, or each would keep the other.
                let mut aws = aws.clone();
                aws.mappings = ListingMappings::default();
                let listing = async move { list(&aws).await }.boxed().shared();
                under_way.insert(listing).clone()
            }
        }
    };
    listing.await
}

async fn list(aws: &Aws) -> ListedMappings {
    let mut found = Vec::new();
    let mut seen = Pages::of("Lambda", "ListEventSourceMappings");
    let mut pages = aws
        .lambda
        .list_event_source_mappings()
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = match page.for_call("Lambda", "ListEventSourceMappings") {
            // Not every endpoint that is not AWS's knows them.
            Err(error) if aws.does_not_offer(&error) => break,
            page => page?,
        };
        seen.next(page.next_marker())?;
        found.extend(page.event_source_mappings.unwrap_or_default());
    }
    Ok(found)
}
