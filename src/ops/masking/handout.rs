//! Secrets masked in handouts.

use super::mask::{holds_no_text, mask_fields, mask_variants};
use crate::asl::{
    MachineOutline, OutlinedChild, OutlinedCondition, OutlinedRetry, OutlinedState, OutlinedWay,
    WayTaken,
};
use crate::ops::{
    Handout, HandoutAct, HandoutCommand, HandoutExtent, HandoutMachine, HandoutPlace,
    HandoutResource, HandoutStart, StartCause,
};

holds_no_text!(HandoutAct, HandoutExtent, HandoutPlace);

mask_fields! {
    Handout {
        stack, description, owner, name, account, region, profile, place, deployed, expires, self_destruct, resources, starts,
        machines, commands, variables,
    }
    HandoutResource { kind, key, name, console, logs }
    HandoutStart { cause, kind, key, name, enabled }
    HandoutMachine { key, name, outline }
    HandoutCommand { act, of, command }
    MachineOutline { states }
    OutlinedState { name, type_name, comment, is_unreached, calls, on, detail, cause, retries, ways, ends, inside }
    OutlinedRetry { times, errors }
    OutlinedWay { when, to, place }
    OutlinedChild { is_branch, outline }
}

mask_variants!(StartCause {
    File { bucket_key, bucket, prefix, suffix, by_trail },
    Pattern(pattern),
    Schedule(schedule),
});

mask_variants!(OutlinedCondition {
    Text(text),
    And(all),
    Or(all),
    Not(one),
});

mask_variants!(WayTaken {
    Next,
    If(condition),
    Otherwise,
    Caught(errors),
});
