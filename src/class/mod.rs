//! Classes: one stack for each student of a roster, over [`ops`](crate::ops). Nothing here prints.

mod carry_out;
mod class_plan;
mod command;
mod csv;
mod deploy;
mod deployed;
mod destroy;
mod extend;
mod frontends;
mod handouts;
mod isolation;
mod marks;
mod members;
mod others;
mod pattern;
mod progress;
mod quotas;
mod rates;
mod reasons;
mod roster;
mod run;
mod status;
mod student_name;
mod test;
mod trails;

use std::path::PathBuf;

pub use deploy::{DeployClass, DeployedClass, deploy};
pub use destroy::{DestroyClass, destroy};
pub use extend::{ExtendClass, extend};
pub use handouts::{ClassHandouts, HandoutClass, StudentHandout, handouts};
pub use isolation::{StackOfStudent, violations};
pub use roster::{Roster, Student, read};
pub use run::{RunClass, run};
pub use status::status;
pub use test::{TestClass, test};

use crate::ops::{Completion, Error, Frontend, problems};

/// How many students' stacks are worked on at once where nothing else is said.
pub const AT_ONCE: usize = 10;

/// Which students are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassOptions {
    /// The roster.
    pub roster: PathBuf,
    /// The owners that are meant; all where none is named.
    pub only: Vec<String>,
    /// How many students' stacks are worked on at once.
    pub at_once: usize,
}

impl ClassOptions {
    /// The whole roster, and those of it that are meant.
    fn students(&self, frontend: &dyn Frontend) -> Result<(Roster, Vec<Student>), Error> {
        let roster = read(&self.roster).map_err(|wrong| {
            problems(&self.roster, &wrong, frontend);
            Error::Diagnostics(wrong)
        })?;
        let chosen = roster.only(&self.only).map_err(Error::Usage)?;
        Ok((roster, chosen))
    }
}

/// The worse of two ends.
fn worse(one: Completion, other: Completion) -> Completion {
    let rank = |completion| match completion {
        Completion::Complete => 0,
        Completion::Unverified => 1,
        Completion::Declined | Completion::Unknown => 2,
        Completion::Blocked | Completion::Failed => 3,
        Completion::Stopped => 4,
    };
    if rank(other) > rank(one) { other } else { one }
}
