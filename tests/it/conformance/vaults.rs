//! What only vaults do: one without a mark is the stack's by its name.

use std::collections::BTreeSet;
use std::path::Path;

use aws_sdk_glacier::error::ProvideErrorMetadata;
use aws_sdk_glacier::primitives::ByteStream;
use treino::aws::AwsProvider;
use treino::engine::{Events, Provider, list_owned};
use treino::plan::{ActualState, deploy};
use treino::source::Source;
use treino::stack::{DesiredState, Kind, PossibleKinds};

use super::Place;
use crate::kinds;

/// moto has vaults, but not their access policies, which belong to every vault that is read: it can
/// be no second opinion until it has.
#[tokio::test]
async fn moto_has_no_access_policies() {
    let place = Place::moto().await;
    make(&place, "conform-vault-on-moto").await;
    let call = place.clients.glacier.get_vault_access_policy();
    let call = call.account_id("-").vault_name("conform-vault-on-moto");
    let refused = call.send().await.unwrap_err();
    let status = refused.raw_response().map(|raw| raw.status().as_u16());
    assert_eq!(status, Some(404), "it may have them now: {refused:?}");
    let code = refused.meta().code().map(String::from);
    assert_eq!(code, None, "it may have them now: {refused:?}");
}

/// A stack of one vault.
fn stack(place: &Place, name: &str) -> (AwsProvider, DesiredState) {
    let text = format!("stack: {name}\nvaults: {{ archive: {{}} }}\n");
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = treino::stack::read(source, Path::new("."), None).unwrap();
    let (desired, _) = loaded.expand(&place.target(name)).unwrap();
    (place.cloud(name), desired)
}

async fn make(place: &Place, name: &str) {
    let call = place.clients.glacier.create_vault().account_id("-");
    call.vault_name(name).send().await.unwrap();
}

async fn tags(place: &Place, name: &str) -> Vec<String> {
    let tags = kinds::of(Kind::Vault).tags(&place.clients, name).await;
    let pairs = tags
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"));
    pairs.collect()
}

/// A run was killed between making a vault and tagging it.
#[tokio::test]
async fn a_half_made_vault_is_completed() {
    let place = Place::local("half-made vault").await;
    let (cloud, desired) = stack(&place, "half-made");
    let (address, vault) = desired.resources.first_key_value().unwrap();
    make(&place, &vault.name).await;

    let live = cloud.read(Kind::Vault, &vault.name).await.unwrap().unwrap();
    let actual = ActualState {
        live: [(address.clone(), live.clone())].into(),
        ..ActualState::default()
    };
    let plan = deploy(&desired, &actual, &BTreeSet::new());
    assert_eq!(plan.foreign, []);
    assert_eq!(plan.count("update"), 1);
    let updated = cloud.update(vault, &live, &Events::none()).await;
    updated.unwrap();
    assert_eq!(
        tags(&place, &vault.name).await,
        ["treino:address=vault.archive", "treino:stack=half-made"]
    );
}

/// It is found by the stack's name alone, and no other stack's vault is, tagged or not.
#[tokio::test]
async fn a_half_made_vault_is_found_and_deleted() {
    let place = Place::local("lost vault").await;
    let (cloud, desired) = stack(&place, "lost");
    let (others, theirs) = stack(&place, "lost-and-found");
    let name = &desired.resources.values().next().unwrap().name;
    let their_name = &theirs.resources.values().next().unwrap().name;
    for name in [name, their_name, "lost-archive", "lost-archive-00000000"] {
        make(&place, name).await;
    }
    let found = list_owned(&cloud, &desired.target, &PossibleKinds::all())
        .await
        .unwrap()
        .owned;
    let found: Vec<_> = found
        .iter()
        .map(|owned| (owned.address.as_str(), owned.name.as_str()))
        .collect();
    assert_eq!(found, [("vault.archive", name.as_str())]);
    let theirs = list_owned(&others, &theirs.target, &PossibleKinds::all())
        .await
        .unwrap()
        .owned;
    assert_eq!(theirs.len(), 1);
    assert_eq!(&theirs[0].name, their_name);

    let deleted = cloud.delete(Kind::Vault, name, &Events::none()).await;
    deleted.unwrap();
    assert_eq!(
        list_owned(&cloud, &desired.target, &PossibleKinds::all())
            .await
            .unwrap()
            .owned,
        []
    );
}

/// Another stack's mark makes it foreign, whatever its name.
#[tokio::test]
async fn a_vault_with_anothers_mark_is_foreign() {
    let place = Place::local("foreign vault").await;
    let (cloud, desired) = stack(&place, "contested");
    let (address, vault) = desired.resources.first_key_value().unwrap();
    make(&place, &vault.name).await;
    let call = place.clients.glacier.add_tags_to_vault().account_id("-");
    let call = call.vault_name(&vault.name).tags("treino:stack", "theirs");
    call.tags("treino:address", "vault.a").send().await.unwrap();

    let refused = cloud.create(vault, &Events::none()).await.unwrap_err();
    assert!(refused.message.contains("the stack theirs"), "{refused}");
    assert_eq!(
        tags(&place, &vault.name).await,
        ["treino:address=vault.a", "treino:stack=theirs"]
    );
    assert_eq!(
        list_owned(&cloud, &desired.target, &PossibleKinds::all())
            .await
            .unwrap()
            .owned,
        []
    );
    let live = cloud.read(Kind::Vault, &vault.name).await.unwrap();
    let actual = ActualState {
        live: [(address.clone(), live.unwrap())].into(),
        ..ActualState::default()
    };
    let plan = deploy(&desired, &actual, &BTreeSet::new());
    let whose: Vec<String> = plan.foreign.iter().map(|f| f.whose.to_string()).collect();
    assert_eq!(whose, ["it belongs to the stack theirs"]);
}

/// AWS keeps a vault that holds archives; that is said, with the way out, and not waited for.
#[tokio::test]
async fn a_vault_with_archives_stays() {
    let place = Place::local("full vault").await;
    let (cloud, desired) = stack(&place, "full");
    let vault = desired.resources.values().next().unwrap();
    cloud.create(vault, &Events::none()).await.unwrap();
    let call = place.clients.glacier.upload_archive().account_id("-");
    let call = call.vault_name(&vault.name);
    let call = call.body(ByteStream::from_static(b"kept"));
    let archive = call.send().await.unwrap().archive_id.unwrap();

    let events = Events::none();
    let refused = cloud.delete(Kind::Vault, &vault.name, &events).await;
    let refused = refused.unwrap_err();
    let help = refused.help.unwrap_or_default();
    assert!(help.contains("delete its archives"), "{help}");
    let listed = [vault.name.clone()];
    let listed = cloud.listed(Kind::Vault, &listed).await.unwrap();
    assert_eq!(listed.len(), 1);

    let call = place.clients.glacier.delete_archive().account_id("-");
    let call = call.vault_name(&vault.name).archive_id(archive);
    call.send().await.unwrap();
    let deleted = cloud.delete(Kind::Vault, &vault.name, &events).await;
    deleted.unwrap();
    assert_eq!(
        list_owned(&cloud, &desired.target, &PossibleKinds::all())
            .await
            .unwrap()
            .owned,
        []
    );
}
