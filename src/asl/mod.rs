//! stub until the module lands
#![allow(missing_docs)]
use std::sync::Arc;
use crate::source::*;
#[derive(Debug, Clone)]
pub struct Definition { pub source: Arc<Source>, pub root: Node, pub json: serde_json::Value }
pub fn load(source: &Arc<Source>) -> Result<(Definition, Problems), Problems> {
    let root = parse(source)?; let json = root.to_json();
    Ok((Definition { source: source.clone(), root, json }, Problems::default()))
}
pub struct Site { pub partition: String, pub region: String, pub account: String }
pub struct Need { pub actions: Vec<String>, pub resources: Vec<String>, pub condition: Option<serde_json::Value>, pub states: Vec<String> }
pub struct Needs { pub needs: Vec<Need>, pub warnings: Vec<String> }
pub fn permissions(_: &serde_json::Value, _: &Site) -> Needs { Needs { needs: vec![], warnings: vec![] } }
