//! The id that S3 gives a request. The SDK gives that of another header where there is one, as on the local AWS.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Keeps the `x-amz-request-id` header of the last answer.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestIdReader(Arc<Mutex<Option<String>>>);

impl RequestIdReader {
    pub(super) fn id(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[dyn_dispatch_hint]
impl Intercept for RequestIdReader {
    fn name(&self) -> &'static str {
        "RequestIdReader"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let id = context.response().headers().get("x-amz-request-id");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = id.map(String::from);
        Ok(())
    }
}
