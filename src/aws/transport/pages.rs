//! Paginated lists, with a guard against endless ones.

use std::collections::HashSet;

use crate::engine::{Leftover, ProviderError};

/// More pages than any list treino reads: a hundred thousand log groups need two thousand.
const MAX_PAGES: usize = 10_000;
/// Our own error code; a retry does not help.
const ENDLESS: &str = "EndlessList";

/// Guards a paginated list. Without it, tokens that repeat would be read for ever, or the SDK would silently
/// end the list.
#[derive(Debug)]
pub struct Pages {
    service: &'static str,
    operation: &'static str,
    tokens: HashSet<String>,
}

impl Pages {
    /// The guard of a new listing.
    pub fn of(service: &'static str, operation: &'static str) -> Self {
        Self {
            service,
            operation,
            tokens: HashSet::new(),
        }
    }

    /// The token of the next page; `None` after the last page, where AWS sends no token or an empty one.
    ///
    /// # Errors
    /// A repeated token, or too many pages.
    pub fn next(&mut self, token: Option<&str>) -> Result<Option<String>, ProviderError> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        let is_new = self.tokens.insert(token.to_owned());
        match (is_new, self.tokens.len() > MAX_PAGES) {
            (true, false) => Ok(Some(token.to_owned())),
            (true, true) => {
                Err(self.endless_list(&format!("the list has more than {MAX_PAGES} pages")))
            }
            (false, _) => Err(self.endless_list("the list leads back to a page it came from")),
        }
    }

    /// The same for answers with a separate flag for further pages.
    ///
    /// # Errors
    /// Those of [`Pages::next`], and a set flag without a token.
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
            .ok_or_else(|| self.endless_list("the list goes on, and does not say where"))
    }

    fn endless_list(&self, why: &str) -> ProviderError {
        let error = ProviderError {
            service: self.service.to_owned(),
            operation: self.operation.to_owned(),
            code: ENDLESS.to_owned(),
            leftover: Leftover::Unknown,
            ..ProviderError::new(why)
        };
        error.help("what answers is not right in itself: run the same command again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circular_and_endless_lists_are_errors() {
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
        for number in 0..MAX_PAGES {
            assert!(pages.next(Some(&number.to_string())).is_ok());
        }
        assert!(pages.next(Some("one more")).is_err());
    }
}
