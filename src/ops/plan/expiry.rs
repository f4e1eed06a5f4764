//! When a stack that is deployed expires.

use std::time::{Duration, SystemTime};

use super::PlanRequest;
use crate::ops::frontend::Reporter;
use crate::plan::ActualState;
use crate::stack::{DesiredState, Loaded, TAG_EXPIRES};

/// How long a deploy takes at most, as a rule: a stack that ends sooner would be deleted while it is deployed.
const LONGEST_DEPLOY: Duration = Duration::from_mins(5);

/// Marks every resource with the time the stack is meant to be gone: what an earlier deploy said while that is still to
/// come (else every deploy would change every tag), never later than the file allows. If it comes while this deploy may
/// still be at work, `expires` counts from now again. Returns that time.
pub(super) fn set_expiry(
    loaded: &Loaded,
    desired: &mut DesiredState,
    actual: &ActualState,
    request: &PlanRequest<'_>,
    out: &Reporter<'_>,
) -> Option<SystemTime> {
    let after = loaded.expires?;
    let now = SystemTime::now();
    let latest = now + after;
    let earlier = actual
        .live
        .values()
        .filter(|live| desired.target.owns(&live.tags))
        .filter_map(|live| live.tags.get(TAG_EXPIRES))
        .filter_map(|at| humantime::parse_rfc3339(at).ok())
        .min();
    let kept = earlier.filter(|earlier| !request.renew && *earlier > now && *earlier <= latest);
    let is_near = |kept: &SystemTime| *kept < now + (after / 12).min(LONGEST_DEPLOY);
    if let Some(near) = kept.filter(is_near) {
        let at = humantime::format_rfc3339_seconds(near);
        out.info(format!(
            "{} ends soon, at {at}: its `expires` counts from now again",
            desired.target.stack
        ));
    }
    let kept = kept.filter(|kept| !is_near(kept));
    let until = request.until.or(kept).unwrap_or(latest);
    let text = humantime::format_rfc3339_seconds(until).to_string();
    for resource in desired.resources.values_mut() {
        resource.tags.insert(TAG_EXPIRES.to_owned(), text.clone());
    }
    Some(until)
}
