//! The schema of all events.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Event;

/// The JSON Schema of [`Event`].
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::default().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Event>();
    schema.to_value()
}
