//! Lists that come in pages, and end.

use std::collections::HashSet;

use crate::engine::{Leftover, ProviderError};

/// More pages than any list has that treino reads: a hundred thousand log groups come in two thousand.
const MOST: usize = 10_000;
/// Our own code: asking again does not help.
const ENDLESS: &str = "EndlessList";

/// Sees to it that a list ends. One whose tokens lead in a circle would else be read for ever, or be
/// taken for whole where the SDK breaks off by itself.
#[derive(Debug)]
pub struct Pages {
    service: &'static str,
    operation: &'static str,
    tokens: HashSet<String>,
}

impl Pages {
    /// Those of a listing that begins.
    pub fn of(service: &'static str, operation: &'static str) -> Self {
        Self {
            service,
            operation,
            tokens: HashSet::new(),
        }
    }

    /// Where the next page begins; nothing after the last, of which AWS says so, or says nothing.
    ///
    /// # Errors
    /// The list leads back to a page that was read, or has more pages than can be.
    pub fn next(&mut self, token: Option<&str>) -> Result<Option<String>, ProviderError> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        let is_new = self.tokens.insert(token.to_owned());
        match (is_new, self.tokens.len() > MOST) {
            (true, false) => Ok(Some(token.to_owned())),
            (true, true) => Err(self.endless(&format!("the list has more than {MOST} pages"))),
            (false, _) => Err(self.endless("the list leads back to a page it came from")),
        }
    }

    /// The same where the answer says beside it whether there are more.
    ///
    /// # Errors
    /// As for [`Pages::next`], or there are more, and nobody says where.
    pub fn next_if(
        &mut self,
        more: bool,
        token: Option<&str>,
    ) -> Result<Option<String>, ProviderError> {
        if !more {
            return Ok(None);
        }
        let next = self.next(token)?;
        next.map(Some)
            .ok_or_else(|| self.endless("the list goes on, and does not say where"))
    }

    fn endless(&self, why: &str) -> ProviderError {
        let error = ProviderError {
            service: self.service.to_owned(),
            operation: self.operation.to_owned(),
            code: ENDLESS.to_owned(),
            leftover: Leftover::Unknown,
            ..ProviderError::ours(why)
        };
        error.help("what answers is not right in itself: run the same command again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_not_lead_in_a_circle_or_on_for_ever() {
        let mut pages = Pages::of("S3", "ListBuckets");
        assert_eq!(pages.next(Some("a")), Ok(Some("a".to_owned())));
        assert_eq!(pages.next(Some("b")), Ok(Some("b".to_owned())));
        assert_eq!(pages.next(Some("")), Ok(None));
        assert_eq!(pages.next(None), Ok(None));
        let circle = pages.next(Some("a")).unwrap_err().to_string();
        assert_eq!(
            circle,
            "S3 ListBuckets: EndlessList: the list leads back to a page it came from"
        );
        assert_eq!(pages.next_if(false, Some("a")), Ok(None));
        assert!(pages.next_if(true, None).is_err());

        let mut pages = Pages::of("S3", "ListBuckets");
        for number in 0..MOST {
            assert!(pages.next(Some(&number.to_string())).is_ok());
        }
        assert!(pages.next(Some("one more")).is_err());
    }
}
