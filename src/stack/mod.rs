//! The stack file: from YAML to every resource it describes. No calls to AWS, no clock.
//!
//! [`load`] reads and checks a file; [`Loaded::expand`] turns it into a [`DesiredState`] for one [`Target`].
//! All errors of a file are found here, at once.

mod address;
mod allow_place;
mod boundary;
mod check;
mod checks;
mod code;
mod definitions;
mod dependencies;
mod duration;
mod environment;
pub mod event_pattern;
mod expand;
mod external_inputs;
mod file;
mod files;
mod function_code;
mod grant;
mod guards;
mod kind;
pub mod kinds;
mod late_bound_arns;
mod lifetime;
mod limits;
mod max_cost;
mod member_limits;
mod name;
pub mod object_keys;
mod params;
pub mod policy;
mod possible_kinds;
mod reference;
mod resolve;
mod resource_quotas;
mod resource_type;
mod runtime;
mod secret_files;
mod secret_masking;
mod secrets;
mod section_recovery;
mod shared_trail;
mod substituted_resource;
mod suggest;
mod tag_rules;
mod target;
mod teardown;
pub mod text_pattern;
pub mod usage;
mod validate_names;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

pub use address::Address;
use boundary::Boundary;
pub use boundary::Included;
pub use checks::{
    CheckAct, CheckNeeds, Conditions, Expectation, ExpectedItem, ExpectedMessage, ExpectedStatus,
    SentEvent, SentMessage, StackCheck,
};
pub use code::native::foreign_programs;
pub use code::zipping;
pub use definitions::{DefinitionUse, MachineDefinition, Substitutions};
pub use dependencies::{
    BuildMode, BuildTool, BuiltDependencies, DependencyBuild, PackagedDependencies, normal_name,
};
pub use duration::parse_duration;
pub use environment::Variable;
pub use external_inputs::ExternalInputs;
pub use file::{SelfDestruct, StackFile, schema};
use files::Files;
pub use function_code::package_of_module;
pub use grant::Grant;
pub use guards::{Guards, check_guards, guards_schema, is_guards_file};
pub use kind::Kind;
pub use kinds::may_be_ours;
pub use late_bound_arns::{ARN_PLACEHOLDER, LateBoundArns, substitute_arns};
pub use lifetime::{LifetimeError, StackLifetime, in_days};
pub use limits::{AfterLimit, Limits, StackLimits};
pub use name::{DESTROYING, INVENTORY, REAPER, arn, inventory, may_be_generated};
pub use params::{Given, Missing, Param};
pub use possible_kinds::PossibleKinds;
pub use resource_type::{Facts, NameRule, Quota, Recognition, ResourceType};
pub use secrets::{HIDDEN, MIN_LENGTH as MIN_SECRET_LENGTH, Secrets, redact};
pub use shared_trail::{
    MOST_RECORDED, class_target, recorded, recorded_by, records_all, shared_trail,
    shared_trail_bucket, shared_trail_name, shared_trail_parts,
};
pub use suggest::{did_you_mean, suggestion};
pub use tag_rules::TagRule;
pub use target::{TAG_ADDRESS, TAG_EXPIRES, TAG_OWNER, TAG_REAPER, TAG_STACK, Tags, Target};
pub use teardown::{Doomed, ReaperCall, Teardown};

pub use validate_names::{has_stack_keys, not_a_stack, owner_error, stack_name_error};

use crate::source::{self, Diagnostic, Diagnostics, FileFormat, Node, Source, Span};

/// The account of AWS's examples. It stands for the account while that is not known.
const EXAMPLE_ACCOUNT: &str = "123456789012";

/// The maximum size of a stack file in bytes.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// A desired resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its address in the stack.
    pub address: Address,
    pub kind: Kind,
    pub name: String,
    /// Its ARN, known before the resource exists.
    pub arn: String,
    /// The kind's spec as JSON.
    pub spec: Value,
    /// Its tags: the stack's and the ownership tags.
    pub tags: Tags,
    /// The resources that must exist before it.
    pub after: BTreeSet<Address>,
}

/// A function package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The bytes of the zip.
    pub zip: Arc<[u8]>,
    /// The bucket that it is uploaded to, by the names of the functions that have it; none where Lambda takes it
    /// directly.
    pub buckets: BTreeMap<String, String>,
}

/// Everything a stack file describes, for one target.
#[derive(Debug, Clone)]
pub struct DesiredState {
    /// The account, region, stack and owner.
    pub target: Target,
    /// What the stack is for.
    pub description: String,
    /// The resources by address.
    pub resources: BTreeMap<Address, Resource>,
    /// Values printed after a deploy.
    pub outputs: BTreeMap<String, String>,
    /// Function packages by their SHA-256.
    pub artifacts: BTreeMap<String, Artifact>,
    /// What pip or npm installed into the packages of functions, by their addresses.
    pub built: BTreeMap<Address, PackagedDependencies>,
    /// Values that are never shown.
    pub secrets: Secrets,
    /// The policy statements of roles that treino creates, with their reasons.
    pub grants: BTreeMap<Address, Vec<Grant>>,
    /// What it reads from outside its repository.
    pub reads: ExternalInputs,
    /// What `treino test` checks, by name, in the order of the file.
    pub checks: Vec<(String, StackCheck)>,
    /// Resources that AWS lets be updated, but not be created, each with the error.
    pub not_creatable: BTreeMap<Address, Diagnostic>,
    /// Resources of other owners' copies, by their names: a survey need not read whose they are.
    pub of_others: Vec<(Kind, String)>,
}

/// A stack file that was read and has no errors, as far as can be checked without an account.
#[derive(Debug)]
pub struct Loaded {
    source: Arc<Source>,
    root: Node,
    files: Files,
    given: Given,
    /// Its content.
    pub file: StackFile,
    /// How long the stack is meant to exist; nothing where it has no end.
    pub expires: Option<std::time::Duration>,
    /// Where errors were found before the file is expanded.
    faults: Vec<Span>,
}

/// Reads and checks a stack file, its functions' code and its definitions, for an owner and parameter values.
///
/// # Errors
/// Every diagnostic of the file.
pub fn load(path: &Path, given: impl Into<Given>) -> Result<(Loaded, Diagnostics), Diagnostics> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    // Checked before the file is read, as diagnostics show its lines.
    if let Some(wrong) = Boundary::of(&folder, &[]).check_stack_file(path) {
        return Err(Diagnostic::error(wrong.message).help(wrong.help).into());
    }
    let source = Source::read(path, MAX_FILE_BYTES)?;
    read(source, &folder, given)
}

/// The same for a source in memory. An error in one part does not stop the checks of the others.
///
/// # Errors
/// Every diagnostic of the source.
pub fn read(
    source: Arc<Source>,
    folder: &Path,
    given: impl Into<Given>,
) -> Result<(Loaded, Diagnostics), Diagnostics> {
    let root = source::parse(&source).map_err(|diagnostics| {
        let documents = FileFormat::of_documents(&source.text);
        let name = FileFormat::of_name(Path::new(&source.name));
        // What has a stack's first key is meant as a stack, whatever its name.
        let name = name.filter(|_| !source.text.lines().any(|line| line.starts_with("stack:")));
        match documents.map(FileFormat::in_words).or(name) {
            Some(format) => validate_names::other_format(&source.name, format).into(),
            None => diagnostics.drawn_from(&secret_masking::mask_unparsed(Arc::clone(&source))),
        }
    })?;
    let (source, written) = secret_masking::mask(source, &root);
    match check_source(source, root, folder, given.into()) {
        Ok((loaded, diagnostics)) => {
            Ok((loaded, secrets::redact_diagnostics(diagnostics, &written)))
        }
        Err(diagnostics) => Err(secrets::redact_diagnostics(diagnostics, &written)),
    }
}

fn check_source(
    source: Arc<Source>,
    root: Node,
    folder: &Path,
    given: Given,
) -> Result<(Loaded, Diagnostics), Diagnostics> {
    if let Some(diagnostic) = validate_names::not_a_stack(&source, &root) {
        return Err(diagnostic.into());
    }
    if let Some(diagnostic) = resource_quotas::check_written(&source, &root) {
        return Err(diagnostic.into());
    }
    let odd = source::odd_characters(&source, &root);
    if odd.has_errors() {
        return Err(odd);
    }
    let mut diagnostics = source::duplicates(&source, &root);
    let schema = file::own_schema();
    let root = section_recovery::recover_sections(&source, root, &schema, &mut diagnostics);
    let mut json = check::check(&source, &root, &schema, &mut diagnostics);
    validate_names::leave_out_misnamed(&source, &root, &mut json, &mut diagnostics);
    let file: StackFile = match serde_json::from_value(json) {
        Ok(file) => file,
        // The schema check finds everything that serde refuses; if it ever does not, the error is shown.
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(error.to_string())
                    .at(&source, Span::default())
                    .help("`treino schema` prints what a stack file may contain"),
            );
            return Err(diagnostics);
        }
    };
    let shortest = given.shortest_expiry();
    let expires = validate_names::check_values(&source, &root, (&file, shortest), &mut diagnostics);
    max_cost::check(&source, &root, &file, &mut diagnostics);
    limits::check(&source, &root, &file, &mut diagnostics);
    params::check(&source, &root, &file, &given, &mut diagnostics);
    let boundary = Boundary::of(folder, &file.include);
    validate_names::check_included(&source, &root, &boundary.missing, &mut diagnostics);
    let files = Files::read(&file, folder, boundary, (&source, &root));
    let owner = given.owner.clone();
    let faults = diagnostics.errors_in(&source).collect();
    let loaded = Loaded {
        source,
        root,
        files,
        given,
        file,
        expires,
        faults,
    };
    let mut target = Target {
        owner,
        ..sample_target(&loaded)
    };
    // Zones belong to a region. Whether it is the stack's region is checked once that is known.
    if let Some(region) = loaded.region_for(&target) {
        target.region = region.into();
    }
    let (Ok((_, more)) | Err(more)) = loaded.expand(&target);
    // Of a value that cannot be used, nothing more is said.
    let unusable: HashSet<Span> = loaded.faults.iter().copied().collect();
    let is_new = |one: &Diagnostic| {
        let place = one.place.as_ref();
        !place.is_some_and(|place| {
            place.source.name == loaded.source.name && unusable.contains(&place.span)
        })
    };
    diagnostics.extend(more.into_iter().filter(is_new));
    check::leave_out_tagged(&loaded.source, &loaded.root, &mut diagnostics);
    diagnostics.into_result(loaded)
}

/// Only the digits of the account occur in names, so any account gives the same diagnostics.
fn sample_target(loaded: &Loaded) -> Target {
    Target {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: EXAMPLE_ACCOUNT.into(),
        stack: loaded.file.stack.clone(),
        owner: None,
    }
}

/// The secrets of a stack file, for commands that need nothing else; empty if the file has errors.
#[must_use]
pub fn secrets_of(path: &Path) -> Secrets {
    let given = Given {
        missing: Missing::Later,
        may_exist: true,
        ..Given::default()
    };
    let read = load(path, given).and_then(|(loaded, _)| loaded.expand(&sample_target(&loaded)));
    read.map(|(desired, _)| desired.secrets).unwrap_or_default()
}

impl Loaded {
    /// What is to be installed into function packages before the file is expanded for a deploy, by its hash.
    #[must_use]
    pub fn builds(&self) -> BTreeMap<String, DependencyBuild> {
        self.files.builds()
    }

    /// Puts what was installed into the packages, by the hashes of [`Loaded::builds`].
    pub fn add_built(&mut self, built: &BTreeMap<String, BuiltDependencies>) {
        self.files.add_built(built);
    }

    /// The ARN of the role that resources without one use, where the file names it.
    #[must_use]
    pub fn default_role(&self, target: &Target) -> Option<String> {
        let role = self.file.defaults.role.as_ref()?;
        let known = params::resolve(target, &self.file, &self.given.set);
        Some(known.replace(role)).filter(|arn| !arn.contains("${"))
    }

    /// The region that the file's zones belong to, if it names one.
    #[must_use]
    pub fn region(&self) -> Option<&'static str> {
        self.region_for(&sample_target(self))
    }

    /// A target for what needs no account: the region that is given, or the file's, or us-east-1.
    #[must_use]
    pub fn example_target(&self, region: Option<&str>) -> Target {
        let sample = sample_target(self);
        let region = region.or_else(|| self.region()).unwrap_or(&sample.region);
        Target {
            partition: Target::partition_of(region).to_owned(),
            region: region.to_owned(),
            owner: self.given.owner.clone(),
            ..sample
        }
    }

    fn region_for(&self, target: &Target) -> Option<&'static str> {
        let resolved = params::resolve(target, &self.file, &self.given.set);
        let mut kinds = Kind::ALL.into_iter();
        kinds.find_map(|kind| kind.resource_type().region(&self.file, &resolved))
    }

    /// Every resource of the file, for one target. Reads no file.
    ///
    /// # Errors
    /// Diagnostics that depend on names and references.
    pub fn expand(&self, target: &Target) -> Result<(DesiredState, Diagnostics), Diagnostics> {
        self.expanded(target, false)
    }

    /// The same without trails: that of a class records the objects ([`shared_trail`]).
    ///
    /// # Errors
    /// Diagnostics that depend on names and references.
    pub fn expand_sharing_trail(
        &self,
        target: &Target,
    ) -> Result<(DesiredState, Diagnostics), Diagnostics> {
        self.expanded(target, true)
    }

    fn expanded(
        &self,
        target: &Target,
        shares_trail: bool,
    ) -> Result<(DesiredState, Diagnostics), Diagnostics> {
        expand::expand(
            &self.source,
            &self.root,
            &self.file,
            &self.files,
            target,
            &self.given,
            (&self.faults, shares_trail),
        )
    }
}
