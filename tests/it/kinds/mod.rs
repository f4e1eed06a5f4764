//! What the tests know of each kind of resource: one file a kind, through one trait. The suites iterate
//! over [`ALL`] and name no kind themselves.
//!
//! To add a kind: its file, its `mod` line and its line in [`every_kind`]. `every_kind_has_a_file` fails
//! until it is there.

pub mod bucket;
pub mod connection;
pub mod directory_bucket;
pub mod function;
pub mod log_group;
pub mod queue;
pub mod role;
pub mod rule;
pub mod state_machine;
pub mod table;
pub mod topic;
pub mod trail;
pub mod vault;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use treino::stack::{Kind, Target, policy};

use crate::support::{Asking, Clients};

/// The registry: calls a macro with the module and the type of each kind.
macro_rules! every_kind {
    ($then:ident) => {
        $then! {
            bucket Bucket,
            connection Connection,
            directory_bucket DirectoryBucket,
            function Function,
            log_group LogGroup,
            queue Queue,
            role Role,
            rule Rule,
            state_machine StateMachine,
            table Table,
            topic Topic,
            trail Trail,
            vault Vault,
        }
    };
}
pub(crate) use every_kind;

macro_rules! registered {
    ($($module:ident $kind:ident,)*) => {
        /// Every kind.
        pub static ALL: &[&dyn TestKind] = &[$(&$module::$kind),*];
    };
}
every_kind!(registered);

/// Tags in the type of a service's SDK, each as its builder gives it.
macro_rules! tags {
    ($sdk:ident, $mark:expr) => {
        $mark
            .iter()
            .map(|(key, value)| $sdk::types::Tag::builder().key(*key).value(*value).build())
    };
}
use tags;

/// Something a kind does with clients.
pub type Task<'a, T = ()> = LocalBoxFuture<'a, T>;

/// Tags of somebody else.
pub type Mark = &'static [(&'static str, &'static str)];

/// The changes that somebody makes without treino: a word for each, and the paths by which a plan names
/// the difference.
pub type Drifts = &'static [(&'static str, &'static [&'static str])];

/// Steps of the conformance suite that do not work in a place, each with the reason.
pub type Skips = &'static [(&'static str, &'static str)];

/// A kind, as the tests need to know it. All looks and changes are made by SDK clients or by requests
/// signed by hand, never by treino's code.
pub trait TestKind: Sync {
    /// Which one.
    fn kind(&self) -> Kind;

    /// One of it in a stack file.
    fn sample(&self) -> Sample;

    /// The requests that treino makes for it, as the proxy names them.
    fn requests(&self) -> Requests;

    /// The action in IAM by which it is made.
    fn action(&self) -> &'static str;

    /// Its section with a name that `docs/deployer-policy.json` allows, where that is not the sample's.
    fn permitted_section(&self) -> &'static str {
        self.sample().section
    }

    /// Two of it whose names two owners of one stack contend for. None where a name holds its owner.
    fn rivals(&self) -> Option<Rivals>;

    /// The field of its spec that a second call sets, and what stands until then.
    fn second_call(&self) -> Option<(&'static str, Value)>;

    // What conformance and drift try.

    /// Its name in AWS, where the kind does not leave that to the user.
    fn name(&self, target: &Target) -> String {
        format!("{}-subject", target.stack)
    }

    /// Makes what a resource of [`TestKind::spec`] needs to exist beside it.
    fn prepare<'a>(&'a self, _: &'a Clients) -> Task<'a> {
        Box::pin(async {})
    }

    /// Its spec at first, for one of this name.
    fn spec(&self, clients: &Clients, name: &str) -> Value;

    /// The same spec with something changed, by a word for it that begins with the field.
    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)>;

    /// Fields that treino reads but never writes, so that only drift shows them.
    fn only_read(&self) -> &'static [&'static str] {
        &[]
    }

    /// The values of its secret fields.
    fn secrets(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Packages that its specs name by their hash.
    fn artifacts(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// What somebody may change of it. The first can be changed of the sample too, and is named by one
    /// field.
    fn drifts(&self) -> Drifts;

    /// Makes one of these changes.
    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a>;

    /// How far moto implements it.
    fn moto(&self) -> Moto {
        Moto::Has(&[])
    }

    // Somebody else's.

    /// Makes one as somebody else does: with something in it, and set otherwise than the sample.
    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a>;

    /// The field in which that one differs from the sample.
    fn made_otherwise(&self) -> &'static str;

    /// Whether one without a mark is the stack's by its name alone.
    fn name_is_mark(&self) -> bool {
        false
    }

    // How it is looked at.

    /// The names of all that stand in the account.
    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>>;

    /// All that AWS answers about one.
    fn answers(&self, asking: &Asking, name: &str) -> Vec<String>;

    /// Its tags; of a kind without tags, what its mark says.
    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags>;

    /// What it holds; nothing of what holds nothing.
    fn contents<'a>(&'a self, _: &'a Clients, _: &'a str) -> Task<'a, String> {
        Box::pin(async { String::new() })
    }
}

/// Tags by their keys.
pub type Tags = BTreeMap<String, String>;

/// One resource in a stack file of the stack `lab`.
pub struct Sample {
    /// Its address.
    pub address: &'static str,
    /// Its section, in block style; lines of the resource may follow.
    pub section: &'static str,
    /// The kinds whose samples it refers to.
    pub needs: &'static [Kind],
    /// Every resource that comes of it: the kind, and how its name begins.
    pub comes_to: &'static [(Kind, &'static str)],
}

impl Sample {
    /// The key in the section.
    pub fn key(&self) -> &'static str {
        self.address.split_once('.').unwrap().1
    }

    /// What stands in the section after the key and its colon.
    pub fn entry(&self) -> &'static str {
        let key = format!("  {}:", self.key());
        self.section.split_once(&key).unwrap().1
    }
}

/// Requests, as the proxy names them.
pub struct Requests {
    pub create: &'static str,
    pub delete: &'static str,
    pub list: List,
    /// The one that says whose it is.
    pub mark: &'static str,
    /// The last at which treino sees whether the name is free, and which of them it is.
    pub last_look: (&'static str, usize),
    /// Whether the deletion takes time, so that it is waited for.
    pub slow_to_delete: bool,
}

/// The request by which all of a kind are found.
pub struct List {
    pub request: &'static str,
    /// The name of the list in the answer.
    pub entries: &'static str,
    /// The name of the token of the next page.
    pub token: &'static str,
}

/// Two resources `x` and `x-b`, so that `x-b` of the owner `c` and `x` of the owner `b-c` have one name.
pub struct Rivals {
    /// The sections of the stack.
    pub sections: &'static str,
    /// The request of the first owner at which the second comes in between, and which of them it is.
    pub at: (&'static str, usize),
}

/// How far moto implements a kind.
pub enum Moto {
    /// All but these steps.
    Has(Skips),
    /// Too little to compare with, for this reason.
    Lacks(&'static str),
}

/// The test file of a kind.
#[track_caller]
pub fn of(kind: Kind) -> &'static dyn TestKind {
    let mut all = ALL.iter().filter(|test| test.kind() == kind);
    *all.next()
        .unwrap_or_else(|| panic!("{kind} has no file in tests/it/kinds"))
}

/// The kind of an address.
#[track_caller]
pub fn at(address: &str) -> &'static dyn TestKind {
    let noun = address.split_once('.').unwrap().0;
    of(Kind::of_noun(noun).unwrap())
}

/// The kind and the name of a line of [`Clients::everything`].
#[track_caller]
pub fn of_line(line: &str) -> (&'static dyn TestKind, &str) {
    let (kind, name) = line.rsplit_once(' ').unwrap();
    let kind = Kind::of_noun(&kind.replace(' ', "_")).unwrap();
    (of(kind), name)
}

/// The addresses of all samples, in their order.
pub fn addresses() -> Vec<&'static str> {
    let mut all: Vec<_> = ALL.iter().map(|kind| kind.sample().address).collect();
    all.sort_unstable();
    all
}

/// The sections of all samples.
pub fn sections() -> Vec<&'static str> {
    ALL.iter().map(|kind| kind.sample().section).collect()
}

/// The section of a sample and of what it needs.
pub fn sections_for(kind: &dyn TestKind) -> String {
    let sample = kind.sample();
    let needs = sample.needs.iter().map(|kind| of(*kind).sample().section);
    needs.chain([sample.section]).collect()
}

/// A spec with one field changed: that by whose name the word begins.
fn variant(base: &Value, word: &'static str, value: Value) -> (&'static str, Value) {
    let field = word.split(' ').next().unwrap_or(word);
    (word, with(base, &[(field, value)]))
}

/// A spec with some fields replaced.
fn with(base: &Value, fields: &[(&str, Value)]) -> Value {
    let mut spec = base.clone();
    for (field, value) in fields {
        let known = spec.get(*field).is_some();
        assert!(known, "the spec has no field {field}");
        spec[*field] = value.clone();
    }
    spec
}

/// The tags of a mark as the services take them that have no type for one.
fn map(mark: Mark) -> HashMap<String, String> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    mark.iter().map(owned).collect()
}

/// Makes a role that these services may assume; its ARN.
async fn assumable(clients: &Clients, name: &str, services: &[&str]) -> String {
    let trust = policy::trust(services, None).to_string();
    let call = clients.iam.create_role().role_name(name);
    let made = call.assume_role_policy_document(trust).send().await;
    made.unwrap().role.unwrap().arn
}

#[test]
fn every_kind_has_a_file() {
    let tested: BTreeSet<Kind> = ALL.iter().map(|kind| kind.kind()).collect();
    assert_eq!(tested, Kind::ALL.into_iter().collect());
    assert_eq!(ALL.len(), tested.len(), "each once");
    for kind in ALL {
        let (sample, facts) = (kind.sample(), kind.kind().facts());
        assert_eq!(sample.address, format!("{}.{}", facts.noun, sample.key()));
        let section = format!("{}:\n  {}:", kind.kind().section(), sample.key());
        assert!(sample.section.starts_with(&section), "{}", sample.section);
        assert!(sample.entry().ends_with('\n'), "{}", sample.section);
        assert_eq!(sample.comes_to[0].0, kind.kind());
        assert!(!kind.drifts().is_empty(), "{}", sample.address);
    }
    let mut keys: Vec<&str> = ALL.iter().map(|kind| kind.sample().key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), ALL.len(), "one key each, for one stack of all");
}
