//! The parameters a verb gives to a stack file.

use std::collections::BTreeMap;

use clap::Args;

use super::{Common, Error};
use crate::stack::{Given, Missing};

/// Values for the stack's parameters.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Parameters {
    /// Give a parameter of the stack its value (may be repeated)
    // Taken apart here, and not where arguments are: what is wrong there is quoted, secret or not.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// `NAME=VALUE`; the value may hold anything.
fn pair(text: &str) -> Result<(&str, &str), Error> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim(), value)),
        _ => Err(Error::Usage(
            "--set takes a name and a value: write it like --set api_url=https://api.example.org"
                .to_owned(),
        )),
    }
}

impl Parameters {
    /// What a stack file is read with.
    pub(super) fn given(&self, common: &Common, missing: Missing) -> Result<Given, Error> {
        let mut set = BTreeMap::new();
        for given in &self.set {
            let (name, value) = pair(given)?;
            if set.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(Error::Usage(format!("--set {name} is given twice")));
            }
        }
        Ok(Given {
            owner: common.owner.clone(),
            set,
            missing,
        })
    }
}
