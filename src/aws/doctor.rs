//! What `treino doctor` asks AWS. No request of these creates, changes or deletes anything.

mod account_plan;
mod clock;
mod quotas;
mod simulation;
mod trust;

pub use account_plan::{AccountPlan, account_plan};
pub use clock::clock_offset;
pub use quotas::{ConcurrencyLeft, RolesLeft, concurrency_left, roles_left};
pub use simulation::{
    Decision, PolicyQuestion, SimulatedAction, refuses_create_role, simulate, simulated_arn,
};
pub use trust::{Trust, trust_of_role};
