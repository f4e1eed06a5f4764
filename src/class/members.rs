//! The sessions of a class: one for each student, and one for each account and region.

use std::collections::BTreeMap;

use super::Student;
use super::roster::account_of_role;
use crate::aws::RateLimiter;
use crate::ops::{ClassStudent, Error, Event, Frontend, Session, SessionOptions};

/// An account and a region.
pub type ClassPlace = (String, String);

/// A student with a session.
pub struct Member {
    pub student: Student,
    pub session: Session,
    /// Where the stack is; nothing where that is not known.
    pub place: Option<ClassPlace>,
    /// Why there is no connection.
    pub error: Option<Error>,
}

impl Member {
    /// What is told of the student.
    pub fn told(&self) -> ClassStudent {
        ClassStudent {
            owner: self.student.owner.clone(),
            name: self.student.name.clone(),
            account: self.place.as_ref().map(|(account, _)| account.clone()),
            region: self.place.as_ref().map(|(_, region)| region.clone()),
        }
    }
}

/// The students of a class, and a session without an owner for each place.
#[derive(Default)]
pub struct Members {
    pub list: Vec<Member>,
    pub places: BTreeMap<ClassPlace, Session>,
}

/// Who connects in the same way: profile, role and region.
type ConnectionWay = (Option<String>, Option<String>, Option<String>);

impl Members {
    /// Connects each way once. That one fails is the error of its students; `start` says whether a local AWS is started.
    ///
    /// # Errors
    /// Nobody can be connected.
    pub async fn connect(
        base: &SessionOptions,
        students: &[Student],
        start: bool,
        frontend: &dyn Frontend,
    ) -> Result<Self, Error> {
        let mut members = Self::default();
        let mut limiters: BTreeMap<ClassPlace, RateLimiter> = BTreeMap::new();
        let mut ways: BTreeMap<ConnectionWay, (Session, Result<Option<ClassPlace>, Error>)> =
            BTreeMap::new();
        for student in students {
            let way = (
                student.profile.clone(),
                student.role_arn.clone(),
                student.region.clone(),
            );
            if !ways.contains_key(&way) {
                let options = options_of(base, student);
                let limiter = options.rate_limiter.clone();
                let session = Session::new(options);
                let place = session.place(start, frontend).await;
                if let Ok(Some(place)) = &place {
                    // Only now it is known that two ways lead to one account.
                    limiter.join(
                        limiters
                            .entry(place.clone())
                            .or_insert_with(|| limiter.clone()),
                    );
                    let of_place = || session.of_owner(None);
                    members.places.entry(place.clone()).or_insert_with(of_place);
                }
                ways.insert(way.clone(), (session, place));
            }
            let Some((session, place)) = ways.get(&way) else {
                continue;
            };
            members.list.push(Member {
                student: student.clone(),
                session: session.of_owner(Some(&student.owner)),
                place: place.as_ref().ok().cloned().flatten(),
                error: place.as_ref().err().cloned(),
            });
        }
        if base.local.is_some() && students.iter().any(|one| one.profile.is_some()) {
            let message = "profiles of the roster are of no use on the local AWS".to_owned();
            frontend.event(&Event::Info { message });
        }
        match members.list.first().map(|one| &one.error) {
            Some(Some(error)) if members.list.iter().all(|one| one.error.is_some()) => {
                Err(error.clone())
            }
            _ => Ok(members),
        }
    }

    /// The students of a place, by their numbers.
    pub fn of_place(&self, place: &ClassPlace) -> Vec<usize> {
        let all = self.list.iter().enumerate();
        let here = all.filter(|(_, one)| one.place.as_ref() == Some(place));
        here.map(|(index, _)| index).collect()
    }
}

/// How a student's account is reached. On the local AWS any account exists, so a role leads to an account of its own.
fn options_of(base: &SessionOptions, student: &Student) -> SessionOptions {
    let mut options = SessionOptions {
        owner: None,
        or_local: None,
        // Others may be of another account: those that are of one join.
        rate_limiter: RateLimiter::default(),
        ..base.clone()
    };
    if let Some(region) = &student.region {
        options.region = Some(region.clone());
        options.given.region = Some(region.clone());
    }
    if let Some(local) = &mut options.local {
        let account = student.role_arn.as_deref().and_then(account_of_role);
        local.account = account.map_or_else(|| local.account.clone(), String::from);
    } else {
        if let Some(profile) = &student.profile {
            options.profile = Some(profile.clone());
            options.given.profile = Some(profile.clone());
        }
        options.role_arn.clone_from(&student.role_arn);
    }
    options
}
