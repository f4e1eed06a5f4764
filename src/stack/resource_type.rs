//! What is known of a kind of resource without a call to AWS.

use serde_json::Value;

use super::code::PackageSource;
use super::expand::Expansion;
use super::name::RefusedName;
use super::policy::{self, DocumentRules};
use super::reference::ReferenceValues;
use super::usage::{Activity, Assumed, Metered};
use super::{
    Address, DefinitionUse, Doomed, Kind, ReaperCall, Resource, StackFile, TagRule, Target,
    Teardown,
};

/// The fixed facts about a kind.
#[allow(
    clippy::struct_excessive_bools,
    reason = "facts that have nothing to do with each other"
)]
pub struct Facts {
    /// The word in an address: `table` in `table.metadata`.
    pub noun: &'static str,
    /// The services it is made with, by the names that signatures use. `local up --chaos` takes them.
    pub services: &'static [&'static str],
    /// Paths of its spec that AWS cannot change in place.
    pub replace_on: &'static [&'static str],
    /// On destroy, the kinds that have to be gone before this one goes.
    pub deleted_after: &'static [Kind],
    /// Whether it lets events in: switched on last and off first.
    pub event_source: bool,
    /// Whether it only records events for event sources, which need not wait for it.
    pub event_recorder: bool,
    /// Whether it has tags; else the mark stands in its description, and the stack's own tags nowhere.
    pub taggable: bool,
    /// What its service takes as tags.
    pub tags: TagRule,
    /// Whether AWS makes a part of its ARN. The spec's `arn` then holds it.
    pub arn_is_made: bool,
    /// Whether a read tells when it was created.
    pub is_dated: bool,
    /// What is lost with it when it is deleted or replaced: `its items`.
    pub holds: Option<&'static str>,
    /// Fields of the spec by which one under another key is recognised. They name no other resource.
    pub recognised_by: &'static [&'static str],
    /// What it says of the whole stack that one was recognised.
    pub recognition: Recognition,
    /// Fields of the stack file that hold a secret, by the last two keys of their path.
    pub secret_fields: &'static [[&'static str; 2]],
    /// Where its spec holds policy documents: a field, or `field.*` for a mapping of them.
    pub policies: &'static [&'static str],
    /// What AWS takes of the document that the stack file gives as its `policy`.
    pub document: Option<&'static DocumentRules>,
    /// How many an account takes in one region, where a stack may reach that.
    pub quota: Option<Quota>,
    /// What AWS accepts as its name.
    pub name: NameRule,
}

impl Facts {
    /// What holds for most kinds. Noun, services and name are each kind's own.
    pub const DEFAULT: Facts = Facts {
        noun: "",
        services: &[],
        replace_on: &[],
        deleted_after: &[],
        event_source: false,
        event_recorder: false,
        taggable: true,
        tags: TagRule::common("AWS"),
        arn_is_made: false,
        is_dated: false,
        holds: None,
        recognised_by: &[],
        recognition: Recognition::None,
        secret_fields: &[],
        policies: &[],
        document: None,
        quota: None,
        name: NameRule {
            min: 1,
            max: 64,
            punctuation: "-_",
            lower_case: false,
            page: "",
        },
    };
}

/// What AWS accepts as a name.
pub struct NameRule {
    /// The shortest name, in characters.
    pub min: usize,
    /// The longest name, in characters.
    pub max: usize,
    /// The punctuation allowed beside letters and digits.
    pub punctuation: &'static str,
    /// Whether capital letters are refused.
    pub lower_case: bool,
    /// The AWS page that says so.
    pub page: &'static str,
}

/// Whether a renamed resource shows that a stack file with none of the stack's keys is still the stack's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// It does not: others are alike.
    None,
    /// It does if everything else is recognised too.
    WithAllOthers,
    /// It does by itself.
    Alone,
}

/// What an account takes of a kind in one region.
pub struct Quota {
    /// How many.
    pub most: usize,
    /// Whether AWS raises it for an account that asks.
    pub adjustable: bool,
    /// The AWS page that says so.
    pub page: &'static str,
}

/// A kind of resource, as far as it needs no call to AWS. The calls are `aws::resources::ResourceCalls`.
///
/// A kind implements what differs from the default.
pub trait ResourceType: Sync {
    /// What is fixed about it.
    fn facts(&self) -> &'static Facts;

    /// Adds every resource of its section of the stack file, and what each implies.
    fn expand(&self, out: &mut Expansion<'_>);

    /// Completes its resources once all references are replaced.
    fn complete(&self, _out: &mut Expansion<'_>) {}

    /// The spec of a live resource, in the words of `want` wherever the two mean the same to AWS.
    fn aligned(&self, live: &Value, want: &Value) -> Value {
        policy::aligned_fields_of(self.facts(), live, want)
    }

    /// The ARN of a resource, which follows from its name; what AWS makes of it is
    /// [`ARN_PLACEHOLDER`](super::ARN_PLACEHOLDER) known.
    fn arn(&self, target: &Target, name: &str) -> String;

    /// The calls by which the reaper deletes one: whether one without a mark is the stack's stands in
    /// [`Self::is_ours_unmarked`].
    fn teardown(&self, of: &Doomed<'_>) -> Teardown;

    /// The calls by which the reaper stops what one starts or runs, and deletes nothing.
    fn stopping(&self, _of: &Doomed<'_>) -> Vec<ReaperCall> {
        Vec::new()
    }

    /// What it uses of what AWS bills for what happens to it; nothing where all of that costs nothing.
    fn usage(&self, resource: &Resource, happened: &Activity, assumed: &Assumed) -> Vec<Metered>;

    /// What can be referred to as `${key.attribute}`, with the values.
    fn attributes(&self, _target: &Target, resource: &Resource) -> Vec<(&'static str, String)> {
        vec![
            ("name", resource.name.clone()),
            ("arn", resource.arn.clone()),
        ]
    }

    /// What a generated name holds beside stack, key and owner, as its names are shared with other
    /// accounts or regions.
    fn name_scope<'t>(&self, _target: &'t Target) -> Vec<&'t str> {
        Vec::new()
    }

    /// A generated name without what AWS refuses of this kind alone.
    fn tidied_name(&self, name: String) -> String {
        name
    }

    /// The longest generated name, in characters.
    fn longest_generated_name(&self) -> usize {
        self.facts().name.max
    }

    /// What stays whole in a generated name that has to be cut.
    fn uncut_part<'t>(&self, _target: &'t Target) -> Option<&'t str> {
        None
    }

    /// Why AWS refuses a name that fits the [`NameRule`].
    fn refused_name(&self, _name: &str) -> Option<RefusedName> {
        None
    }

    /// A name as AWS tells it from others of this kind.
    fn compared_name(&self, name: &str) -> String {
        name.to_owned()
    }

    /// Whether one has to wait for a resource of `kind` whose ARN its spec names; `rest` follows the
    /// ARN there.
    fn waits_for(&self, kind: Kind, _rest: &str) -> bool {
        // The ARN is known only when it exists.
        kind.facts().arn_is_made
    }

    /// Resources that one has to wait for and names by name alone.
    fn waits_for_named(&self, _spec: &Value) -> Vec<(Kind, String)> {
        Vec::new()
    }

    /// The region that a stack file's resources of this kind belong to, if they say so.
    fn region(&self, _file: &StackFile, _settled: &ReferenceValues) -> Option<&'static str> {
        None
    }

    /// The function packages that a stack file names.
    fn packages(&self, _file: &StackFile) -> Vec<PackageSource> {
        Vec::new()
    }

    /// The definitions of the resources of a stack file.
    fn definitions<'f>(&self, _file: &'f StackFile) -> Vec<DefinitionUse<'f>> {
        Vec::new()
    }

    /// Whether the value of a field of the stack file is kept out of the spec: AWS or treino does not
    /// show it.
    fn is_kept_secret(&self, _field: &[&str]) -> bool {
        false
    }

    /// Whether what AWS has in a field of the spec may be a secret that the stack file says nothing of.
    fn may_hold_secrets(&self, _field: &str) -> bool {
        false
    }

    /// The fields of a spec in which AWS keeps a role by its id: one made again under the same name is unknown there.
    fn keeps_role_ids(&self, _spec: &Value) -> &'static [&'static str] {
        &[]
    }

    /// Whether a resource of this address and name is the stack's though it carries no mark.
    fn is_ours_unmarked(&self, _address: &Address, _name: &str) -> bool {
        false
    }

    /// The way out where one cannot be adopted, as AWS cannot change it to what is wanted.
    fn not_adoptable(&self, _target: &Target, _name: &str, _live: &Value) -> Option<String> {
        None
    }
}
