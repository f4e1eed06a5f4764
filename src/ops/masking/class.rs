//! Secrets masked in what is told of a class.

use super::mask::{holds_no_text, mask_fields, mask_variants};
use crate::ops::{
    ChangedResource, ClassEvent, ClassPlan, ClassStudent, OtherCopy, PlannedStack, QuotaUse,
    SharedReason, SharedTrailStatus, SharedWayOut, StudentEnd, StudentMarks, StudentRuns,
    StudentState, StudentStatus, Violation,
};

holds_no_text!(StudentState, StudentRuns);

mask_fields! {
    ClassStudent { owner, name, account, region }
    ClassPlan { verb, stack, stacks, violations, quotas, not_looked_at, least_seconds }
    PlannedStack { stack, owner, account, region, create, update, replace, delete, keep, changed, contents, expires, self_destruct, refused }
    ChangedResource { address, action, why }
    Violation { owner, address, policy, pattern, victim, reached, count, place }
    QuotaUse { account, region, kind, there, needed, most, adjustable, page }
    StudentStatus { owner, name, resources, missing, account, region, since, expires, ends, reaper_missing, runs, cost, failed }
    OtherCopy { owner, in_roster, account, region, resources, certain, command }
    SharedTrailStatus { stack, account, region, fault, expires, ends, reaper_missing }
    StudentEnd { owner, name, state, done, seconds }
    StudentMarks { owner, name, counts, check, cause, message }
    SharedReason { reason, help, owners, command }
    SharedWayOut { way, owners, command }
}

mask_variants!(ClassEvent {
    Class { verb, stack, students },
    Student { owner, of },
    StudentState { owner, state, changes, seconds, reason },
    ClassPlan(plan),
    ClassStatus { stack, students, shared_trails },
    ClassOthers { stack, copies },
    ClassMarks { stack, students, ways, show, command },
    ClassSummary { verb, stack, students, reasons, seconds },
    Handout { owner, file, deployed, reason },
    Handouts { index, pages },
    ClassReceipt { stack, receipts, proved, local },
});
