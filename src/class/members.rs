//! The sessions of a class: one for each student, and one for each account and region.

use std::collections::BTreeMap;
use std::path::Path;

use super::Student;
use super::roster::account_of_role;
use crate::aws::RateLimiter;
use crate::ops::{ClassStudent, Error, Event, Frontend, Session, SessionOptions, problems};
use crate::source::{Diagnostic, Diagnostics};

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
                let is_own = student.profile.is_some() || student.role_arn.is_some();
                let place = place.map_err(|error| {
                    if is_own {
                        at(error, &student.place)
                    } else {
                        error
                    }
                });
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
        members.check_any(frontend)?;
        Ok(members)
    }

    /// Whether somebody can be reached; else every reason is told.
    fn check_any(&self, frontend: &dyn Frontend) -> Result<(), Error> {
        let errors: Vec<&Error> = self
            .list
            .iter()
            .filter_map(|one| one.error.as_ref())
            .collect();
        let Some(first) = errors.first().filter(|_| errors.len() == self.list.len()) else {
            return Ok(());
        };
        let mut reasons: Vec<(String, Option<&str>, Vec<&str>)> = Vec::new();
        for (member, error) in self.list.iter().zip(&errors) {
            let owner = member.student.owner.as_str();
            let text = error.to_string();
            match reasons.iter_mut().find(|(known, ..)| *known == text) {
                Some((.., owners)) => owners.push(owner),
                None => reasons.push((text, error.help(), vec![owner])),
            }
        }
        if reasons.len() == 1 {
            return Err((*first).clone());
        }
        let found = reasons.into_iter().map(|(text, help, owners)| {
            let wrong = Diagnostic::error(format!("{}: {text}", owners.join(", ")));
            match help {
                Some(help) => wrong.help(help),
                None => wrong,
            }
        });
        let found: Diagnostics = found.collect();
        problems(Path::new(""), &found, frontend);
        Err(Error::Diagnostics(found))
    }

    /// The students of a place, by their numbers.
    pub fn of_place(&self, place: &ClassPlace) -> Vec<usize> {
        let all = self.list.iter().enumerate();
        let here = all.filter(|(_, one)| one.place.as_ref() == Some(place));
        here.map(|(index, _)| index).collect()
    }
}

/// The error with the place in the roster that led to it.
fn at(error: Error, place: &str) -> Error {
    let text = |message: &str| format!("{message} ({place})");
    match error {
        Error::Provider(mut error) => {
            error.message = text(&error.message);
            Error::Provider(error)
        }
        Error::Local(mut wrong) => {
            wrong.message = text(&wrong.message);
            Error::Local(wrong)
        }
        error => error,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    struct Heard(Mutex<Vec<String>>);

    impl Frontend for Heard {
        fn event(&self, event: &Event) {
            if let Event::Problem(problem) = event {
                self.0.lock().unwrap().push(problem.message.clone());
            }
        }

        fn confirm<'a>(
            &'a self,
            _: &'a crate::ops::Question,
        ) -> crate::ops::FrontendFuture<'a, Result<bool, Error>> {
            Box::pin(async { Ok(false) })
        }
    }

    fn member(owner: &str, error: Option<Error>) -> Member {
        Member {
            student: Student {
                owner: owner.to_owned(),
                ..Student::default()
            },
            session: Session::new(SessionOptions::default()),
            place: None,
            error,
        }
    }

    #[test]
    fn where_nobody_is_reached_each_reason_is_told_with_its_students() {
        let wrong = |text: &str| Some(Error::Local(Diagnostic::error(text)));
        let at = |text: &str, place| wrong(text).map(|error| super::at(error, place));
        let heard = Heard(Mutex::default());
        let checked = |list| {
            let places = BTreeMap::new();
            Members { list, places }.check_any(&heard)
        };
        let reached = vec![member("ana", None), member("bia", at("no", "r.csv:3"))];
        assert_eq!(checked(reached), Ok(()));
        let same = vec![member("ana", wrong("no")), member("bia", wrong("no"))];
        assert_eq!(checked(same).unwrap_err().to_string(), "no");
        assert!(heard.0.lock().unwrap().is_empty());
        let several = vec![
            member("ana", at("no profile `p`", "r.csv:2")),
            member("bia", at("no profile `p`", "r.csv:2")),
            member("dan", at("no role", "r.csv:4")),
        ];
        assert!(matches!(checked(several), Err(Error::Diagnostics(_))));
        assert_eq!(
            *heard.0.lock().unwrap(),
            [
                "ana, bia: no profile `p` (r.csv:2)",
                "dan: no role (r.csv:4)"
            ]
        );
    }
}
