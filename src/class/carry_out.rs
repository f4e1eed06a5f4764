//! Carrying out the deploy of a class.

use super::deploy::{ClassNames, Deploying, PlannedStudents, SharedTrails};
use super::frontends::SharedFrontend;
use super::progress::ClassProgress;
use super::reasons::Reason;
use crate::ops::{Completion, Deployed, Error, Event, StudentState};

impl<'a> Deploying<'a> {
    /// The shared trails, then the students' stacks.
    pub(super) async fn carried_out(
        &self,
        planned: &PlannedStudents<'a>,
        trails: &SharedTrails<'a>,
        names: &ClassNames,
    ) {
        // Since they were planned, another class that shares one may have written what it records.
        let is_written = trails.values().any(|one| !one.plan().is_empty());
        let again = if is_written {
            self.trails(planned, names).await.ok()
        } else {
            None
        };
        for (place, trail) in again.as_ref().unwrap_or(trails) {
            if self.progress.is_stopped() {
                return;
            }
            let ended = trail.carry_out(&SharedFrontend(self.frontend)).await;
            let reason = match ended {
                Ok(Deployed {
                    completion: Completion::Complete | Completion::Unverified,
                    ..
                }) => continue,
                Ok(Deployed {
                    completion: Completion::Stopped,
                    ..
                }) => return,
                Ok(deployed) => deployed.summary.as_ref().and_then(Reason::of_summary),
                Err(error) => Some(Reason::of(&error)),
            };
            let reason = reason.unwrap_or_else(|| Reason::new("it failed"));
            for index in self.members.of_place(place) {
                if planned[index].is_some() && !self.progress.state(index).is_end() {
                    let text = format!("the class's trail was not made: {}", reason.text);
                    let reason = Reason {
                        text,
                        ..reason.clone()
                    };
                    self.progress
                        .set(index, StudentState::NotBegun, None, Some(reason));
                }
            }
        }
        self.progress
            .each(0..planned.len(), self.at_once, |index| async move {
                let Some(one) = planned[index]
                    .as_ref()
                    .filter(|_| !self.progress.state(index).is_end())
                else {
                    return;
                };
                let is_empty = one.plan().is_empty();
                self.progress.set(index, StudentState::Working, None, None);
                let ended = one.carry_out(&self.progress.frontend_of(index)).await;
                match ended {
                    Ok(Deployed {
                        completion: Completion::Complete,
                        ..
                    }) if is_empty => {
                        self.progress
                            .set(index, StudentState::Unchanged, None, None);
                    }
                    ended => {
                        let ended = ended.map(|one| {
                            (
                                one.completion,
                                one.summary.as_ref().and_then(Reason::of_summary),
                            )
                        });
                        self.progress.end(index, ended, None);
                    }
                }
            })
            .await;
        let mut plans = trails.values().chain(planned.iter().flatten());
        if plans.any(|one| !one.plan().is_empty()) && !self.progress.is_stopped() {
            self.keep_trails(planned, names).await;
        }
    }

    /// Looks at the shared trails once more: another class that shares one may have written at the same time what it
    /// records, or deleted it.
    async fn keep_trails(&self, planned: &PlannedStudents<'a>, names: &ClassNames) {
        let kept = async {
            let again = self.trails(planned, names).await?;
            let mut is_kept = true;
            for trail in again.values().filter(|one| !one.plan().is_empty()) {
                let ended = trail.carry_out(&SharedFrontend(self.frontend)).await?;
                is_kept &= matches!(
                    ended.completion,
                    Completion::Complete | Completion::Unverified
                );
            }
            Ok::<_, Error>(is_kept)
        };
        let why = match kept.await {
            Ok(true) => return,
            Ok(false) => "its last change failed".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = format!(
            "whether the class's trail records everything is not seen: {why}; the same command again looks at it"
        );
        self.frontend.event(&Event::Warning { message });
    }
}

impl ClassProgress<'_> {
    /// What a plan alone comes to: something that failed.
    pub(super) fn completion_of_plan(&self) -> Completion {
        let failed = self.rows(|rows| rows.iter().any(|row| row.state == StudentState::Failed));
        if failed {
            Completion::Failed
        } else {
            Completion::Complete
        }
    }
}
