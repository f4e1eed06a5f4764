//! Options that several verbs take, and the session they come to.

use std::collections::BTreeMap;

use clap::Args;

use super::value_parsers;
use crate::aws::HttpSettings;
use crate::local::Folders;
use crate::ops::{self, Error, GivenOptions, LocalAccount, SessionOptions};
use crate::report::Out;

/// The account on the local AWS where none is named.
const LOCAL_ACCOUNT: &str = "000000000000";

/// What every verb takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(super) struct Common {
    /// Use the AWS on this machine: no account, no Docker, no cost
    #[arg(long, global = true, env = "TREINO_LOCAL", value_parser = clap::builder::FalseyValueParser::new())]
    local: bool,
    /// The AWS region
    #[arg(long, global = true, value_name = "REGION", value_parser = value_parsers::region)]
    pub(super) region: Option<String>,
    /// The profile of the AWS configuration files [without it: the environment's keys, or `AWS_PROFILE`]
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// An AWS-compatible endpoint to use instead of AWS
    #[arg(long, global = true, value_name = "URL", value_parser = value_parsers::endpoint)]
    endpoint_url: Option<String>,
    /// Owner name, for several copies in one account
    #[arg(long, global = true, value_name = "NAME", env = "TREINO_OWNER", value_parser = value_parsers::owner)]
    pub(super) owner: Option<String>,
    /// Print events as one JSON object a line, and nothing else; nothing is asked
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// With --json: print the text for people as well, on standard error, and ask at a terminal
    #[arg(long, global = true, env = "TREINO_TEXT", value_parser = clap::builder::FalseyValueParser::new())]
    text: bool,
    /// Whether to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: clap::ColorChoice,
    /// Print more: unchanged resources, whole specs, each step's beginning
    #[arg(short, long, global = true)]
    verbose: bool,
}

impl Common {
    /// Where output goes; whether it is coloured holds for the whole process.
    pub(super) fn out(&self) -> Out {
        match self.color {
            clap::ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
            clap::ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
            clap::ColorChoice::Auto => {}
        }
        Out {
            json: self.json,
            text: self.text || !self.json,
            verbose: self.verbose,
        }
    }

    /// What commands in messages repeat.
    pub(super) fn given(&self) -> GivenOptions {
        GivenOptions {
            local: self.local,
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            owner: self.owner.clone(),
        }
    }

    /// The region that is given, or that of the environment.
    pub(super) fn region_or_of_environment(&self) -> Option<String> {
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter();
        let mut values = variables.filter_map(|name| std::env::var(name).ok());
        self.region
            .clone()
            .or_else(|| values.find(|one| !one.is_empty()))
    }

    /// How AWS is reached.
    pub(super) fn session(&self) -> Result<SessionOptions, Error> {
        if self.local && self.endpoint_url.is_some() {
            return Err(Error::Usage(
                "--local and --endpoint-url name two places: give one of them".to_owned(),
            ));
        }
        let (mut local, mut region) = (None, self.region.clone());
        if self.local {
            // Of the environment only the region is of use there, never keys or profiles.
            let names = ["AWS_REGION", "AWS_DEFAULT_REGION"];
            region = region.or_else(|| names.iter().find_map(|name| std::env::var(name).ok()));
            local = Some(LocalAccount {
                folders: Folders::of_user()?,
                account: local_account()?,
            });
        }
        let or_local = (!self.local && self.endpoint_url.is_none()).then(|| Self {
            local: true,
            ..self.clone()
        });
        // What is wrong with it is said where it is asked for.
        let or_local = or_local.and_then(|with| with.session().ok()).map(Box::new);
        Ok(SessionOptions {
            or_local,
            region,
            region_of_environment: (!self.local)
                .then(|| self.region_or_of_environment())
                .flatten(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            owner: self.owner.clone(),
            local,
            cache: Folders::of_user().ok().map(|folders| folders.cache),
            http: HttpSettings::of_environment()?,
            given: self.given(),
            ..SessionOptions::default()
        })
    }
}

/// On the local AWS any 12-digit account exists; another one is another empty account.
pub(super) fn local_account() -> Result<String, Error> {
    let account =
        std::env::var("TREINO_LOCAL_ACCOUNT").unwrap_or_else(|_| LOCAL_ACCOUNT.to_owned());
    if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(account);
    }
    Err(Error::Usage(format!(
        "TREINO_LOCAL_ACCOUNT is `{account}`: an account id has 12 digits"
    )))
}

/// Values for the stack's parameters.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Parameters {
    /// Set a stack parameter (may be repeated)
    // Taken apart here, and not where arguments are: what is wrong there is quoted, secret or not.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl Parameters {
    /// The values by name.
    pub(super) fn values(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut values = BTreeMap::new();
        for given in &self.set {
            let (name, value) = pair(given)?;
            if values.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(Error::Usage(format!("--set {name} is given twice")));
            }
        }
        Ok(values)
    }
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

/// Which resources are taken over.
#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// Take over the resource that has this address's name
    #[arg(long, value_name = "ADDRESS")]
    adopt: Vec<String>,
    /// Let `--adopt` take over, without asking, resources that belong to this other stack or owner
    #[arg(long, value_name = "STACK[:OWNER]", requires = "adopt")]
    take_from: Vec<String>,
}

impl From<AdoptArgs> for ops::Adoption {
    fn from(given: AdoptArgs) -> Self {
        Self {
            adopt: given.adopt,
            take_from: given.take_from,
        }
    }
}
