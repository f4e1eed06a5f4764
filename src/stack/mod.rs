//! The stack file: from YAML to every resource it comes to. No call to AWS, no clock.
//!
//! [`load`] reads and checks a file; [`Loaded::expand`] turns it into a [`Desired`] for one
//! [`Site`]. Everything that can be wrong with a file is found here, all at once.

mod address;
mod as_meant;
mod boundary;
mod check;
mod code;
mod environment;
mod expand;
mod file;
mod files;
mod grant;
mod kind;
pub mod kinds;
mod made;
mod name;
mod nearest;
mod params;
pub mod policy;
mod reads;
mod reference;
mod resolve;
mod runtime;
mod secret_files;
mod secrets;
mod site;
mod size;
mod unshown;
mod well_formed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

pub use address::Address;
use boundary::Boundary;
pub use boundary::Included;
pub use environment::Variable;
pub use file::{StackFile, schema};
use files::Files;
pub use grant::Grant;
pub use kind::{Facts, Kind, NameRule};
pub use made::{Made, NOT_YET, settled};
pub use name::{DESTROYING, arn, may_be_ours};
pub use nearest::did_you_mean;
pub use params::{Given, Missing, Param};
pub use reads::Reads;
pub use secrets::{HIDDEN, SHORTEST as SHORTEST_SECRET, Secrets, strike};
pub use site::{Site, TAG_ADDRESS, TAG_EXPIRES, TAG_OWNER, TAG_STACK, Tags};

use crate::source::{self, Node, Problem, Problems, Source, Span};

/// The largest stack file that is read.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// A resource as the stack wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its place in the stack.
    pub address: Address,
    /// What it is.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// Its ARN, known before it exists.
    pub arn: String,
    /// The kind's spec as plain data.
    pub spec: Value,
    /// Its tags: the stack's and treino's mark.
    pub tags: Tags,
    /// What has to stand before it.
    pub after: BTreeSet<Address>,
}

/// Everything a stack file comes to at one site.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Where and for whom.
    pub site: Site,
    /// What the stack is for.
    pub description: String,
    /// The resources by address.
    pub resources: BTreeMap<Address, Resource>,
    /// What to print after a deploy.
    pub outputs: BTreeMap<String, String>,
    /// Function packages by their hash.
    pub artifacts: BTreeMap<String, Arc<[u8]>>,
    /// What is never shown.
    pub secrets: Secrets,
    /// Why the roles treino makes allow what they allow.
    pub grants: BTreeMap<Address, Vec<Grant>>,
    /// What it takes from outside of its repository.
    pub reads: Reads,
}

/// A stack file that was read and is right, as far as can be seen without an account.
#[derive(Debug)]
pub struct Loaded {
    source: Arc<Source>,
    root: Node,
    files: Files,
    given: Given,
    /// What it says.
    pub file: StackFile,
    /// How long the stack is meant to stand.
    pub expires: Option<std::time::Duration>,
}

/// Reads and checks a stack file, its functions' code and its definitions, with the owner and the
/// parameters it is given.
///
/// # Errors
/// Every problem of the file.
pub fn load(path: &Path, given: impl Into<Given>) -> Result<(Loaded, Problems), Problems> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    // Before it is read: problems show its lines.
    if let Some(wrong) = Boundary::of(&folder, &[]).refusal_of_stack(path) {
        return Err(Problem::error(wrong.message).help(wrong.help).into());
    }
    let source = Source::read(path, LARGEST_FILE)?;
    read(source, &folder, given)
}

/// The same of a source at hand. What is wrong with one part does not keep the others from being
/// looked at.
///
/// # Errors
/// Every problem of the source.
pub fn read(
    source: Arc<Source>,
    folder: &Path,
    given: impl Into<Given>,
) -> Result<(Loaded, Problems), Problems> {
    let root = source::parse(&source)
        .map_err(|problems| problems.drawn_from(&unshown::concealed_unread(Arc::clone(&source))))?;
    let (source, written) = unshown::concealed(source, &root);
    match checked(source, root, folder, given.into()) {
        Ok((loaded, problems)) => Ok((loaded, secrets::struck(problems, &written))),
        Err(problems) => Err(secrets::struck(problems, &written)),
    }
}

fn checked(
    source: Arc<Source>,
    root: Node,
    folder: &Path,
    given: Given,
) -> Result<(Loaded, Problems), Problems> {
    if let Some(problem) = well_formed::not_a_stack(&source, &root) {
        return Err(problem.into());
    }
    if let Some(problem) = size::too_many_written(&source, &root) {
        return Err(problem.into());
    }
    let mut problems = source::duplicates(&source, &root);
    let schema = schema();
    let root = as_meant::sections(&source, root, &schema, &mut problems);
    let mut json = check::check(&source, &root, &schema, &mut problems);
    well_formed::leave_out_misnamed(&source, &root, &mut json, &mut problems);
    let file: StackFile = match serde_json::from_value(json) {
        Ok(file) => file,
        // The check lets nothing through that serde refuses; if it ever does, it is said.
        Err(error) => {
            problems.push(
                Problem::error(error.to_string())
                    .at(&source, Span::default())
                    .help("`treino schema` prints what a stack file may hold"),
            );
            return Err(problems);
        }
    };
    let expires = well_formed::check_values(&source, &root, &file, &mut problems);
    params::check(&source, &root, &file, &given, &mut problems);
    let boundary = Boundary::of(folder, &file.include);
    well_formed::check_included(&source, &root, &boundary.missing, &mut problems);
    let files = Files::read(&file, folder, boundary);
    let owner = given.owner.clone();
    let loaded = Loaded {
        source,
        root,
        files,
        given,
        file,
        expires,
    };
    let mut site = Site {
        owner,
        ..any_site(&loaded)
    };
    // Zones belong to a region: whether it is the right one is seen once that is known.
    let settled = params::settled(&site, &loaded.file, &loaded.given.set);
    if let Some(region) = kinds::region_of_zones(&loaded.file, &settled) {
        site.region = region.into();
    }
    let expanded = loaded.expand(&site);
    match expanded {
        Ok((_, warnings)) => problems.extend(warnings),
        Err(more) => problems.extend(more),
    }
    problems.or(loaded)
}

/// Names depend on the account only in their digits, so any account finds the same problems.
fn any_site(loaded: &Loaded) -> Site {
    Site {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        stack: loaded.file.stack.clone(),
        owner: None,
    }
}

/// What a stack file keeps secret, for what needs nothing else of it: if the file is wrong, nothing.
#[must_use]
pub fn secrets_of(path: &Path) -> Secrets {
    let given = Given {
        missing: Missing::Later,
        ..Given::default()
    };
    let read = load(path, given).and_then(|(loaded, _)| loaded.expand(&any_site(&loaded)));
    read.map(|(desired, _)| desired.secrets).unwrap_or_default()
}

impl Loaded {
    /// Every resource of the file at one site. No file is read.
    ///
    /// # Errors
    /// All problems that show only with names and references in place.
    pub fn expand(&self, site: &Site) -> Result<(Desired, Problems), Problems> {
        expand::expand(
            &self.source,
            &self.root,
            &self.file,
            &self.files,
            site,
            &self.given,
        )
    }
}
