//! How far the clock of this machine is from AWS's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

use crate::aws::AwsConnection;

/// Keeps the `Date` header of the last answer.
#[derive(Debug, Clone, Default)]
struct DateReader(Arc<Mutex<Option<String>>>);

#[dyn_dispatch_hint]
impl Intercept for DateReader {
    fn name(&self) -> &'static str {
        "DateReader"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").map(String::from);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}

/// By how many seconds this machine's clock is ahead of the `Date` of an answer of STS (`GetCallerIdentity`); negative
/// where it is behind. Nothing where no answer has a date.
pub async fn clock_offset(connection: &AwsConnection) -> Option<i64> {
    let reader = DateReader::default();
    let config = aws_sdk_sts::config::Builder::from(&connection.config)
        .interceptor(reader.clone())
        .build();
    let call = aws_sdk_sts::Client::from_conf(config).get_caller_identity();
    // An error has a date, too.
    let _ = call.send().await;
    let now = SystemTime::now();
    let date = reader.0.lock().unwrap_or_else(PoisonError::into_inner);
    offset(date.as_deref()?, now)
}

fn offset(date: &str, now: SystemTime) -> Option<i64> {
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?;
    Some(DateTime::from(now).secs() - theirs.secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_date_of_an_answer_is_compared_with_this_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_860_000);
        // 2026-11-28 10:00:00 UTC
        for (date, expected) in [
            ("Sat, 28 Nov 2026 10:00:00 GMT", Some(0)),
            ("Sat, 28 Nov 2026 09:54:00 GMT", Some(360)),
            ("Sat, 28 Nov 2026 10:20:00 GMT", Some(-1200)),
            ("yesterday", None),
        ] {
            assert_eq!(offset(date, now), expected, "{date}");
        }
    }
}
