//! What AWS charges: prices by item and region, what stays free for everybody, and the credit of new accounts.
//!
//! No package of a public registry has these. `docs/data.md` says how the file was made, and what is not known.

mod amounts;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use amounts::{Quantity, Usd};

/// What one unit of an item costs in a region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The price of one unit.
    pub usd: Usd,
    /// The source, among [`price_sources`].
    pub source: String,
    /// How many units a month it is for, where more have another price.
    #[serde(default)]
    pub up_to: Option<u64>,
}

/// Something that AWS charges for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PricedItem {
    unit: String,
    /// By region; a region that is not there has no known price.
    regions: BTreeMap<String, Price>,
}

/// What everybody has for nothing each month, however old the account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeAmount {
    /// The service, in words.
    pub service: String,
    /// The items that share it.
    pub items: Vec<String>,
    /// How much, in units of the items.
    pub quantity: u64,
    /// The unit, of many.
    pub unit: String,
    /// The source, among [`price_sources`].
    pub source: String,
}

/// What a new account is given once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// Accounts made on this day or later have it.
    pub since: String,
    /// What every such account is given, in USD.
    pub at_sign_up: u32,
    /// The most that it may come to, in USD.
    pub up_to: u32,
    /// How long it can be used, in months.
    pub months: u32,
    /// The sources, among [`price_sources`].
    pub sources: Vec<String>,
}

/// Where a number is from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSource {
    /// The address of the price list or page.
    pub page: String,
    /// The day of the price list, where it has one.
    #[serde(default)]
    pub published: Option<String>,
    /// When it was seen.
    pub seen: String,
    /// `page`, `price list, as quoted`, or `second hand`.
    pub kind: String,
    /// Where the number was read, if not on the page itself.
    #[serde(default)]
    pub quoted_in: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PricesFile {
    as_of: String,
    regions: Vec<String>,
    credit: Credit,
    items: BTreeMap<String, PricedItem>,
    free: Vec<FreeAmount>,
    sources: BTreeMap<String, PriceSource>,
}

static FILE: LazyLock<PricesFile> = LazyLock::new(|| {
    let read = serde_json::from_str(include_str!("prices.json"));
    // A test reads the file: it is right.
    read.unwrap_or_else(|_| PricesFile {
        as_of: String::new(),
        regions: Vec::new(),
        credit: Credit {
            since: String::new(),
            at_sign_up: 0,
            up_to: 0,
            months: 0,
            sources: Vec::new(),
        },
        items: BTreeMap::new(),
        free: Vec::new(),
        sources: BTreeMap::new(),
    })
});

/// The price of an item in a region, where it is known.
#[must_use]
pub fn price(item: &str, region: &str) -> Option<&'static Price> {
    FILE.items.get(item)?.regions.get(region)
}

/// What an item is counted in.
#[must_use]
pub fn unit(item: &str) -> Option<&'static str> {
    FILE.items.get(item).map(|item| item.unit.as_str())
}

/// The regions of which prices are known.
#[must_use]
pub fn price_regions() -> &'static [String] {
    &FILE.regions
}

/// The day that the prices are of.
#[must_use]
pub fn as_of() -> &'static str {
    &FILE.as_of
}

/// What is free each month, for everybody.
#[must_use]
pub fn free_amounts() -> &'static [FreeAmount] {
    &FILE.free
}

/// The credit of new accounts.
#[must_use]
pub fn credit() -> &'static Credit {
    &FILE.credit
}

/// Where the numbers are from, by the names that prices have for them.
#[must_use]
pub fn price_sources() -> &'static BTreeMap<String, PriceSource> {
    &FILE.sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_every_number_has_its_source() {
        let file: PricesFile = serde_json::from_str(include_str!("prices.json")).unwrap();
        assert_eq!(file.regions.len(), 4);
        for (name, item) in &file.items {
            assert!(!item.unit.is_empty(), "{name}");
            for (region, price) in &item.regions {
                assert!(file.regions.contains(region), "{name} in {region}");
                assert!(
                    file.sources.contains_key(&price.source),
                    "{name} in {region}"
                );
            }
        }
        for free in &file.free {
            assert!(
                free.quantity > 0 && file.sources.contains_key(&free.source),
                "{free:?}"
            );
            assert!(
                free.items.iter().all(|item| file.items.contains_key(item)),
                "{free:?}"
            );
        }
        for (name, source) in &file.sources {
            assert!(source.page.starts_with("https://"), "{name}");
            assert!(!source.seen.is_empty(), "{name}");
            let read =
                ["page", "price list, as quoted", "second hand"].contains(&source.kind.as_str());
            assert!(
                read && (source.kind == "page" || source.quoted_in.is_some()),
                "{name}"
            );
        }
        assert!(
            file.credit
                .sources
                .iter()
                .all(|one| file.sources.contains_key(one))
        );
        assert_eq!((file.credit.at_sign_up, file.credit.up_to), (100, 200));
    }

    #[test]
    fn a_price_that_is_not_known_is_none() {
        assert!(price("rekognition.image.group2", "us-east-1").is_some());
        assert!(price("rekognition.image.group2", "sa-east-1").is_none());
        assert!(price("rekognition.image.group1", "us-east-1").is_none());
        assert!(price("lambda.requests", "eu-central-1").is_none());
    }
}
