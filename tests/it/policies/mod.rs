//! Policies: what AWS would refuse is said before anything is made, and what means the same is no difference.

mod deliveries;
mod order;
mod sizes;

use std::path::Path;

use treino::report;
use treino::source::Source;
use treino::stack::{self, DesiredState, Target};

pub fn target() -> Target {
    Target {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        stack: "lab".into(),
        owner: None,
    }
}

/// A stack of this text, whose code is in `cases/bad`, or what is wrong with it. Warnings come beside it.
pub fn expanded(text: &str) -> Result<(DesiredState, String), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad");
    let source = Source::new("stack.yaml", text);
    let text_of = |found| report::diagnostics(&found);
    let (loaded, warnings) = stack::read(source, &folder, None).map_err(text_of)?;
    let (desired, _) = loaded.expand(&target()).map_err(text_of)?;
    Ok((desired, report::diagnostics(&warnings)))
}

/// The stack of a text without errors.
pub fn right(text: &str) -> DesiredState {
    expanded(text).unwrap_or_else(|wrong| panic!("{wrong}")).0
}
