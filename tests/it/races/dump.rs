//! Everything of an account in detail, as AWS answers it: what two states are compared by.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::kinds;
use crate::support::{Asking, Clients};

/// By resource, its tags and every answer about it; what differs between accounts, and between any two
/// deploys, is left out or replaced.
pub async fn dump(clients: &Clients) -> BTreeMap<String, Value> {
    // The fingerprint of a connection's secret is another one in each account.
    static SECRET: LazyLock<Regex> = LazyLock::new(|| Regex::new("secret=[0-9a-f]+").unwrap());
    let asking = Asking::new(clients);
    let mut dump = BTreeMap::new();
    for line in clients.everything().await {
        let (kind, name) = kinds::of_line(&line);
        let mut tags = kind.tags(clients, name).await;
        tags.remove("treino:expires");
        let answers = kind.answers(&asking, name);
        dump.insert(line.clone(), json!({ "tags": tags, "answers": answers }));
    }
    dump.insert("secrets".to_owned(), secrets(clients));
    let text = json!(dump).to_string();
    let text = text.replace(&clients.account, "{account}");
    serde_json::from_str(&SECRET.replace_all(&text, "secret=")).unwrap()
}

/// The names of all secrets, without the ids of the connections they are of.
fn secrets(clients: &Clients) -> Value {
    let headers = [
        ("x-amz-target", "secretsmanager.ListSecrets"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let answer = clients.ask("secretsmanager", ("POST", "/"), &headers, "{}");
    let seen: Value = serde_json::from_str(&answer.text()).unwrap();
    let names = seen["SecretList"].as_array().unwrap().iter().map(|secret| {
        let name = secret["Name"].as_str().unwrap();
        name.rsplit_once('/').map_or(name, |(of, _)| of).to_owned()
    });
    json!(names.collect::<Vec<_>>())
}
