//! Glacier's vaults: their life, policy, tags, and what is refused.

use aws_sdk_glacier::error::ProvideErrorMetadata;
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::VaultAccessPolicy;
use serde_json::{Value, json};

use super::ended::{jsonata_task, task};
use super::{refusal, refused};
use crate::support::{Clients, REGION, World};

const GET_POLICY: &str = "arn:aws:states:::aws-sdk:glacier:getVaultAccessPolicy";

async fn vault(clients: &Clients, name: &str) {
    let call = clients.glacier.create_vault().account_id("-");
    let made = call.vault_name(name).send().await.unwrap();
    let place = format!("/{}/vaults/{name}", clients.account);
    assert_eq!(made.location(), Some(place.as_str()));
}

fn policy(clients: &Clients, name: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", clients.account) },
            "Action": ["glacier:GetVaultAccessPolicy", "glacier:DescribeVault"],
            "Resource": clients.arn("glacier", &format!("vaults/{name}")),
        }],
    })
}

fn as_document(policy: &Value) -> VaultAccessPolicy {
    VaultAccessPolicy::builder()
        .policy(policy.to_string())
        .build()
}

#[tokio::test]
async fn a_vault_is_made_described_and_deleted() {
    let world = World::new("a_vault_is_made_described_and_deleted");
    let clients = world.clients().await;
    let glacier = &clients.glacier;
    vault(&clients, "photos").await;
    // Again: no error, and the vault stays as it is.
    let describe = glacier.describe_vault().vault_name("photos");
    let describe = describe.account_id(&clients.account);
    let before = describe.clone().send().await.unwrap();
    vault(&clients, "photos").await;
    let after = describe.clone().send().await.unwrap();
    assert_eq!(before.creation_date(), after.creation_date());
    let arn = clients.arn("glacier", "vaults/photos");
    assert_eq!(after.vault_arn(), Some(arn.as_str()));
    assert_eq!(after.number_of_archives(), 0);
    assert!(after.creation_date().unwrap().ends_with('Z'));

    let other = Clients::new(&world.endpoint, &clients.account, "eu-west-1").await;
    let elsewhere = other.glacier.describe_vault().account_id("-");
    let elsewhere = elsewhere.vault_name("photos");
    let missing = refusal("ResourceNotFoundException", 404);
    assert_eq!(refused!(elsewhere), missing);

    let delete = glacier.delete_vault().account_id("-").vault_name("photos");
    delete.clone().send().await.unwrap();
    assert_eq!(refused!(describe), missing);
    delete.send().await.unwrap();
}

#[tokio::test]
async fn a_vault_with_an_archive_is_not_deleted() {
    let world = World::new("a_vault_with_an_archive_is_not_deleted");
    let clients = world.clients().await;
    let glacier = &clients.glacier;
    vault(&clients, "full").await;
    let upload = glacier.upload_archive().account_id("-").vault_name("full");
    let body = ByteStream::from_static(b"a photo");
    let archive = upload.body(body).send().await.unwrap();
    let delete = glacier.delete_vault().account_id("-").vault_name("full");
    let error = delete.clone().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValueException"));
    let message = error.message().unwrap();
    assert!(message.starts_with("Vault not empty"), "{message}");

    let empty = glacier.delete_archive().account_id("-").vault_name("full");
    let empty = empty.archive_id(archive.archive_id().unwrap());
    empty.send().await.unwrap();
    delete.send().await.unwrap();
    let left = glacier.list_vaults().account_id("-").send().await.unwrap();
    assert_eq!(left.vault_list(), []);
}

#[tokio::test]
async fn vaults_are_listed_by_name_in_pages() {
    let world = World::new("vaults_are_listed_by_name_in_pages");
    let clients = world.clients().await;
    for name in ["m", "B", "a.1", "z_9", "c-c"] {
        vault(&clients, name).await;
    }
    let list = clients.glacier.list_vaults().account_id("-").limit(2);
    let mut names = Vec::new();
    let mut marker = None;
    for pages in 1.. {
        let page = list.clone().set_marker(marker.take());
        let page = page.send().await.unwrap();
        assert!(page.vault_list().len() <= 2);
        let found = page.vault_list().iter();
        names.extend(found.map(|vault| vault.vault_name().unwrap().to_owned()));
        marker = page.marker;
        if marker.is_none() {
            assert_eq!(pages, 3);
            break;
        }
    }
    assert_eq!(names, ["B", "a.1", "c-c", "m", "z_9"]);
    let invalid = refusal("InvalidParameterValueException", 400);
    assert_eq!(refused!(list.clone().limit(0)), invalid);
    assert_eq!(refused!(list.marker("nowhere")), invalid);
}

#[tokio::test]
async fn a_policy_is_kept_as_written_or_refused() {
    let world = World::new("a_policy_is_kept_as_written_or_refused");
    let clients = world.clients().await;
    let glacier = &clients.glacier;
    vault(&clients, "shared").await;
    let get = glacier.get_vault_access_policy().account_id("-");
    let get = get.vault_name("shared");
    let missing = refusal("ResourceNotFoundException", 404);
    assert_eq!(refused!(get.clone()), missing);

    let good = policy(&clients, "shared");
    let set = glacier.set_vault_access_policy().account_id("-");
    let set = set.vault_name("shared");
    let call = set.clone().policy(as_document(&good));
    call.send().await.unwrap();
    let seen = get.clone().send().await.unwrap().policy.unwrap();
    assert_eq!(seen.policy(), Some(good.to_string().as_str()));

    let invalid = refusal("InvalidParameterValueException", 400);
    for (field, wrong) in [
        ("Resource", json!(clients.arn("glacier", "vaults/other"))),
        ("Action", json!("s3:GetObject")),
        ("Effect", json!("Maybe")),
        ("Principal", json!("me")),
        ("Condition", json!("none")),
        ("Colour", json!("red")),
    ] {
        let mut bad = good.clone();
        bad["Statement"][0][field] = wrong;
        let call = set.clone().policy(as_document(&bad));
        assert_eq!(refused!(call), invalid, "{field}");
    }
    let no_json = VaultAccessPolicy::builder().policy("{").build();
    assert_eq!(refused!(set.clone().policy(no_json)), invalid);
    let nowhere = set.clone().vault_name("missing");
    assert_eq!(refused!(nowhere.policy(as_document(&good))), missing);
    // Whatever was refused has changed nothing.
    let seen = get.clone().send().await.unwrap().policy.unwrap();
    assert_eq!(seen.policy(), Some(good.to_string().as_str()));

    let delete = glacier.delete_vault_access_policy().account_id("-");
    let delete = delete.vault_name("shared");
    delete.clone().send().await.unwrap();
    assert_eq!(refused!(get), missing);
    delete.send().await.unwrap();
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let world = World::new("tags_are_added_replaced_and_removed");
    let clients = world.clients().await;
    let glacier = &clients.glacier;
    vault(&clients, "tagged").await;
    let add = glacier.add_tags_to_vault().account_id("-");
    let add = add.vault_name("tagged");
    let call = add.clone().tags("treino:stack", "a b/c").tags("empty", "");
    call.send().await.unwrap();
    let call = add.clone().tags("empty", "no more");
    call.send().await.unwrap();
    let remove = glacier.remove_tags_from_vault().account_id("-");
    let remove = remove.vault_name("tagged");
    let call = remove.tag_keys("treino:stack").tag_keys("never there");
    call.send().await.unwrap();
    let list = glacier.list_tags_for_vault().account_id("-");
    let list = list.vault_name("tagged");
    let tags = list.clone().send().await.unwrap().tags.unwrap();
    assert_eq!(tags, [("empty".to_owned(), "no more".to_owned())].into());

    let many = (0..10).map(|number| (number.to_string(), String::new()));
    let call = add.clone().set_tags(Some(many.collect()));
    assert_eq!(refused!(call), refusal("LimitExceededException", 400));
    let invalid = refusal("InvalidParameterValueException", 400);
    for key in ["aws:mine", "", "a*b", &"k".repeat(129)] {
        assert_eq!(refused!(add.clone().tags(key, "v")), invalid, "{key}");
    }
    assert_eq!(list.send().await.unwrap().tags.unwrap(), tags);
}

#[tokio::test]
async fn what_is_not_a_vault_is_refused() {
    let world = World::new("what_is_not_a_vault_is_refused");
    let clients = world.clients().await;
    let glacier = &clients.glacier;
    let create = glacier.create_vault().account_id("-");
    let invalid = refusal("InvalidParameterValueException", 400);
    for name in ["a b", "ä", &"n".repeat(256)] {
        let call = create.clone().vault_name(name);
        assert_eq!(refused!(call), invalid, "{name}");
    }
    let theirs = glacier.list_vaults().account_id("999999999999");
    assert_eq!(refused!(theirs), refusal("AccessDeniedException", 403));
    vault(&clients, "known").await;
    let jobs = glacier.list_jobs().account_id("-").vault_name("known");
    let unknown = refusal("UnknownOperationException", 404);
    assert_eq!(refused!(jobs), unknown);
}

#[tokio::test]
async fn a_definition_asks_for_a_vaults_policy() {
    let world = World::new("a_definition_asks_for_a_vaults_policy");
    let clients = world.clients().await;
    vault(&clients, "asked").await;
    let which = json!({ "AccountId": "-", "VaultName": "asked" });
    let (error, cause) = task(&clients, GET_POLICY, which.clone()).await.badly();
    assert_eq!(error, "Glacier.ResourceNotFoundException");
    assert!(cause.contains("Status Code: 404"), "{cause}");

    let good = policy(&clients, "asked").to_string();
    let set = "arn:aws:states:::aws-sdk:glacier:setVaultAccessPolicy";
    let parameters = json!({ "VaultName": "asked", "Policy": { "Policy": good } });
    let nothing = task(&clients, set, parameters).await.well();
    assert_eq!(nothing, json!({}));

    let expected = json!({ "Policy": { "Policy": good } });
    let answer = task(&clients, GET_POLICY, which.clone()).await.well();
    assert_eq!(answer, expected);
    let answer = jsonata_task(&clients, GET_POLICY, which).await.well();
    assert_eq!(answer, expected);

    let describe = "arn:aws:states:::aws-sdk:glacier:describeVault";
    let which = json!({ "VaultName": "asked" });
    let answer = task(&clients, describe, which).await.well();
    let arn = format!("arn:aws:glacier:{REGION}:{}:vaults/asked", clients.account);
    assert_eq!(answer["VaultARN"], arn);
    assert_eq!(answer["NumberOfArchives"], 0);

    let wrong = json!({ "vaultName": "asked" });
    let (error, cause) = task(&clients, GET_POLICY, wrong).await.badly();
    assert_eq!(error, "States.Runtime");
    assert!(cause.contains("'vaultName'"), "{cause}");
    let wrong = "arn:aws:states:::aws-sdk:glacier:meltVault";
    let (error, _) = task(&clients, wrong, json!({})).await.badly();
    assert_eq!(error, "States.Runtime");
}
