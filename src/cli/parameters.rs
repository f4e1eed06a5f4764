//! The parameters a verb gives to a stack file.

use std::collections::BTreeMap;

use clap::Args;

use super::{Common, Error};
use crate::stack::{Given, Missing};

/// Values for the stack's parameters.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Parameters {
    /// Give a parameter of the stack its value (may be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

/// `NAME=VALUE`; the value may hold anything.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write it like --set api_url=https://api.example.org".to_owned()),
    }
}

impl Parameters {
    /// What a stack file is read with.
    pub(super) fn given(&self, common: &Common, missing: Missing) -> Result<Given, Error> {
        let mut set = BTreeMap::new();
        for (name, value) in &self.set {
            if set.insert(name.clone(), value.clone()).is_some() {
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
