//! The calls of `DynamoDB` that name several tables, or name a table by another parameter.

use super::arguments::Arguments;
use super::call;
use super::collect::Collector;

const TABLE: &str = "dynamodb:{region}:{account}:table/{}";

/// Whether the call is one of this module: others name one table by `TableName`.
pub(super) fn has_many_tables(action: &str) -> bool {
    action.starts_with("batch")
        || action.starts_with("transact")
        || action.starts_with("execute")
        || matches!(action, "query" | "scan")
}

/// Collects the permissions of such a call
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>).
pub(super) fn collect(
    collector: &mut Collector,
    action: &str,
    actions: &[String],
    arguments: &Arguments,
) {
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    match action {
        "query" | "scan" => {
            let table = call::arn(collector, arguments, "TableName", "table", TABLE);
            let table = table.unwrap_or_else(|| any(collector));
            let resource = match call::optional_text(arguments, "IndexName") {
                Some(index) => format!("{table}/index/{index}"),
                None => table,
            };
            collector.allow(&actions, [resource]);
        }
        "batchGetItem" | "batchWriteItem" => {
            let items = arguments.object("RequestItems");
            let tables = if let Arguments::Object(..) = items {
                tables(collector, &items.keys())
            } else {
                collector.computed("RequestItems", "every table");
                vec![any(collector)]
            };
            collector.allow(&actions, tables);
        }
        "transactGetItems" | "transactWriteItems" => transaction(collector, arguments),
        _ => {
            collector.warn("the tables of a PartiQL statement are not looked for, so the role allows every table");
            let every = any(collector);
            collector.allow(&actions, [every]);
        }
    }
}

/// Each operation of a transaction needs the permission of the same single call
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>).
fn transaction(collector: &mut Collector, arguments: &Arguments) {
    let Some(items) = arguments.items("TransactItems") else {
        collector.computed("TransactItems", "every table");
        let every = any(collector);
        let all = [
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ];
        return collector.allow(&all, [every]);
    };
    for item in items {
        for (operation, action) in [
            ("ConditionCheck", "dynamodb:ConditionCheckItem"),
            ("Delete", "dynamodb:DeleteItem"),
            ("Get", "dynamodb:GetItem"),
            ("Put", "dynamodb:PutItem"),
            ("Update", "dynamodb:UpdateItem"),
        ] {
            let operation = item.object(operation);
            if let Some(table) = call::arn(collector, &operation, "TableName", "table", TABLE) {
                collector.allow(&[action], [table]);
            }
        }
    }
}

fn tables(collector: &Collector, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| call::arn_of(collector.machine, name.trim_end_matches(".$"), TABLE))
        .collect()
}

fn any(collector: &Collector) -> String {
    call::arn_of(collector.machine, "*", TABLE)
}
