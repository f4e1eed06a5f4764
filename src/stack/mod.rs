//! The stack file: from YAML to every resource it comes to. No call to AWS, no clock.
//!
//! [`load`] reads and checks a file; [`Loaded::expand`] turns it into a [`DesiredState`] for one
//! [`Target`]. Everything that can be wrong with a file is found here, all at once.

mod address;
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
mod late_bound_arns;
mod name;
mod params;
pub mod policy;
mod reads;
mod reference;
mod resolve;
mod resource_type;
mod runtime;
mod secret_files;
mod secret_masking;
mod secrets;
mod section_recovery;
mod size;
mod suggest;
mod target;
mod validate_names;

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
pub use kind::Kind;
pub use kinds::may_be_ours;
pub use late_bound_arns::{LateBoundArns, NOT_YET, settled};
pub use name::{DESTROYING, arn};
pub use params::{Given, Missing, Param};
pub use reads::Reads;
pub use resource_type::{Facts, NameRule, Quota, Recognition, ResourceType};
pub use secrets::{HIDDEN, SHORTEST as SHORTEST_SECRET, Secrets, strike};
pub use suggest::did_you_mean;
pub use target::Target as Site;
pub use target::{TAG_ADDRESS, TAG_EXPIRES, TAG_OWNER, TAG_STACK, Tags, Target};

use crate::source::{self, Diagnostic, Diagnostics, Node, Source, Span};

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

/// Everything a stack file comes to at one target.
#[derive(Debug, Clone)]
pub struct DesiredState {
    /// Where and for whom.
    pub target: Target,
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
/// Every diagnostic of the file.
pub fn load(path: &Path, given: impl Into<Given>) -> Result<(Loaded, Diagnostics), Diagnostics> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    // Before it is read: diagnostics show its lines.
    if let Some(wrong) = Boundary::of(&folder, &[]).refusal_of_stack(path) {
        return Err(Diagnostic::error(wrong.message).help(wrong.help).into());
    }
    let source = Source::read(path, LARGEST_FILE)?;
    read(source, &folder, given)
}

/// The same of a source at hand. What is wrong with one part does not keep the others from being
/// looked at.
///
/// # Errors
/// Every diagnostic of the source.
pub fn read(
    source: Arc<Source>,
    folder: &Path,
    given: impl Into<Given>,
) -> Result<(Loaded, Diagnostics), Diagnostics> {
    let root = source::parse(&source).map_err(|diagnostics| {
        diagnostics.drawn_from(&secret_masking::concealed_unread(Arc::clone(&source)))
    })?;
    let (source, written) = secret_masking::concealed(source, &root);
    match checked(source, root, folder, given.into()) {
        Ok((loaded, diagnostics)) => Ok((loaded, secrets::struck(diagnostics, &written))),
        Err(diagnostics) => Err(secrets::struck(diagnostics, &written)),
    }
}

fn checked(
    source: Arc<Source>,
    root: Node,
    folder: &Path,
    given: Given,
) -> Result<(Loaded, Diagnostics), Diagnostics> {
    if let Some(diagnostic) = validate_names::not_a_stack(&source, &root) {
        return Err(diagnostic.into());
    }
    if let Some(diagnostic) = size::too_many_written(&source, &root) {
        return Err(diagnostic.into());
    }
    let mut diagnostics = source::duplicates(&source, &root);
    let schema = schema();
    let root = section_recovery::sections(&source, root, &schema, &mut diagnostics);
    let mut json = check::check(&source, &root, &schema, &mut diagnostics);
    validate_names::leave_out_misnamed(&source, &root, &mut json, &mut diagnostics);
    let file: StackFile = match serde_json::from_value(json) {
        Ok(file) => file,
        // The check lets nothing through that serde refuses; if it ever does, it is said.
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(error.to_string())
                    .at(&source, Span::default())
                    .help("`treino schema` prints what a stack file may hold"),
            );
            return Err(diagnostics);
        }
    };
    let expires = validate_names::check_values(&source, &root, &file, &mut diagnostics);
    params::check(&source, &root, &file, &given, &mut diagnostics);
    let boundary = Boundary::of(folder, &file.include);
    validate_names::check_included(&source, &root, &boundary.missing, &mut diagnostics);
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
    let mut target = Target {
        owner,
        ..any_site(&loaded)
    };
    // Whether it is the right one is seen once the region is known.
    let settled = params::settled(&target, &loaded.file, &loaded.given.set);
    let mut kinds = Kind::ALL.into_iter();
    if let Some(region) = kinds.find_map(|kind| kind.resource_type().region(&loaded.file, &settled))
    {
        target.region = region.into();
    }
    let expanded = loaded.expand(&target);
    match expanded {
        Ok((_, warnings)) => diagnostics.extend(warnings),
        Err(more) => diagnostics.extend(more),
    }
    diagnostics.or(loaded)
}

/// Names depend on the account only in their digits, so any account finds the same diagnostics.
fn any_site(loaded: &Loaded) -> Target {
    Target {
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
    /// Every resource of the file at one target. No file is read.
    ///
    /// # Errors
    /// All diagnostics that show only with names and references in place.
    pub fn expand(&self, target: &Target) -> Result<(DesiredState, Diagnostics), Diagnostics> {
        expand::expand(
            &self.source,
            &self.root,
            &self.file,
            &self.files,
            target,
            &self.given,
        )
    }
}
