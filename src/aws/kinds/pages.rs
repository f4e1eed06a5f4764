//! That a list ends.

use std::collections::BTreeSet;

use crate::engine::Fault;

/// More pages than any account's list has.
const MOST: usize = 10_000;

/// The pages of one list, by where each says that the next begins.
#[derive(Debug)]
pub struct Pages {
    service: &'static str,
    operation: &'static str,
    seen: BTreeSet<String>,
}

impl Pages {
    /// Those of this list.
    pub fn of(service: &'static str, operation: &'static str) -> Self {
        Self {
            service,
            operation,
            seen: BTreeSet::new(),
        }
    }

    /// Where the next page begins; nothing after the last.
    ///
    /// # Errors
    /// The list leads back to a page that was read, so what else there is cannot be known.
    pub fn next(&mut self, token: Option<&str>) -> Result<Option<String>, Fault> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        if self.seen.len() == MOST || !self.seen.insert(token.to_owned()) {
            return Err(self.endless("its pages go round in circles"));
        }
        Ok(Some(token.to_owned()))
    }

    /// The same where the answer says beside it whether there are more.
    ///
    /// # Errors
    /// As for [`Pages::next`], or there are more, and nobody says where.
    pub fn next_if(&mut self, more: bool, token: Option<&str>) -> Result<Option<String>, Fault> {
        if !more {
            return Ok(None);
        }
        let next = self.next(token)?;
        next.map(Some)
            .ok_or_else(|| self.endless("it goes on, and does not say where"))
    }

    fn endless(&self, why: &str) -> Fault {
        Fault {
            service: self.service.to_owned(),
            operation: self.operation.to_owned(),
            ..Fault::ours(format!("the list does not end: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_leads_back_is_no_list() {
        let mut pages = Pages::of("S3", "ListBuckets");
        assert_eq!(pages.next(Some("a")), Ok(Some("a".to_owned())));
        assert_eq!(pages.next(Some("b")), Ok(Some("b".to_owned())));
        assert!(pages.next(Some("a")).is_err());
        assert_eq!(pages.next(Some("")), Ok(None));
        assert_eq!(pages.next_if(false, Some("a")), Ok(None));
        assert!(pages.next_if(true, None).is_err());
    }
}
