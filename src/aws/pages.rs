//! Lists that come in pages, and end.

use std::collections::HashSet;

use crate::engine::{Fault, Residue};

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

    /// Notes what a page says leads to the next; nothing, or an empty text, on the last.
    ///
    /// # Errors
    /// It led there before, or there are more pages than can be.
    pub fn lead(&mut self, token: Option<&str>) -> Result<(), Fault> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(());
        };
        let is_new = self.tokens.insert(token.to_owned());
        let why = match (is_new, self.tokens.len() > MOST) {
            (true, false) => return Ok(()),
            (true, true) => format!("the list has more than {MOST} pages"),
            (false, _) => "the list leads back to a page it came from".to_owned(),
        };
        let fault = Fault {
            service: self.service.to_owned(),
            operation: self.operation.to_owned(),
            code: ENDLESS.to_owned(),
            residue: Residue::Unknown,
            ..Fault::ours(why)
        };
        Err(fault.help("what answers is not right in itself: run the same command again"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_not_lead_in_a_circle_or_on_for_ever() {
        let mut pages = Pages::of("S3", "ListBuckets");
        let mut lead = |token: Option<&str>| pages.lead(token);
        assert_eq!(lead(Some("a")), Ok(()));
        assert_eq!(lead(Some("b")), Ok(()));
        assert_eq!(lead(Some("")), Ok(()));
        assert_eq!(lead(None), Ok(()));
        let circle = lead(Some("a")).unwrap_err().to_string();
        assert_eq!(
            circle,
            "S3 ListBuckets: EndlessList: the list leads back to a page it came from"
        );

        let mut pages = Pages::of("S3", "ListBuckets");
        for number in 0..MOST {
            let token = number.to_string();
            assert_eq!(pages.lead(Some(&token)), Ok(()));
        }
        assert!(pages.lead(Some("one more")).is_err());
    }
}
