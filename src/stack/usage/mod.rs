//! What the resources of a stack use of what AWS bills, and what that costs. No calls to AWS, no clock.
//!
//! What crosses kinds is followed by [`flow`](self): an object put into a bucket is recorded by a trail, matches a rule,
//! starts a machine, whose definition calls functions, whose roles allow calls. What each resource uses for what
//! happens to it is its kind's ([`ResourceType::usage`](super::ResourceType::usage)).

mod acts;
mod assumed;
mod calls;
mod estimate;
mod flow;
mod free;
mod roots;
mod scheduled;
mod so_far;
mod within;

pub use acts::{Act, Activity, Metered};
pub use assumed::{Assumed, MAX_DAYS, MAX_ITEMS, MAX_RUNS};
pub use estimate::{CostEstimate, CostLine, MachineTransitions, ResourceCost, estimate};
pub use free::FreeUse;
pub use so_far::{
    CostSoFar, CountedUse, SpentLine, SpentResource, billed_item, billed_of_role, transitions_of,
};
pub use within::{NotWithin, executions_within};

pub use crate::data::prices::{Quantity, Usd, price, price_regions};
