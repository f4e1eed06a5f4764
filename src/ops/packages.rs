//! Installing what functions' packages name, before a plan is made.

use std::collections::BTreeMap;

use super::Error;
use super::frontend::Reporter;
use super::session::Session;
use crate::build::{self, BuildTarget};
use crate::local;
use crate::plan::Plan;
use crate::stack::{Address, DesiredState, Loaded, PackagedDependencies};

/// Installs what the stack's functions name in `requirements.txt` and `package.json`, or takes it from the cache. For
/// the local AWS it is installed for this machine, whose Python and Node.js run functions there.
pub(super) fn install_packages(
    session: &Session,
    loaded: &mut Loaded,
    out: &Reporter<'_>,
) -> Result<(), Error> {
    let requests = loaded.builds();
    if requests.is_empty() {
        return Ok(());
    }
    let say = |text: &str| out.info(text);
    let target = match session.local() {
        Some(local) => {
            let (python, version) = local::function_python(&local.folders, &say)?;
            BuildTarget::Machine { python, version }
        }
        None => BuildTarget::Lambda,
    };
    let Some(cache) = session.cache() else {
        return Err(Error::Usage(
            "packages are to be installed, and the session has no cache folder for them: set HOME or XDG_CACHE_HOME"
                .to_owned(),
        ));
    };
    let built = build::build(cache, &requests, &target, &say);
    let built = built.map_err(|diagnostic| Error::Diagnostics(diagnostic.into()))?;
    loaded.add_built(&built);
    Ok(())
}

/// What was installed for the functions that a plan changes.
pub(super) fn installed_for(
    plan: &Plan,
    desired: &DesiredState,
) -> BTreeMap<Address, PackagedDependencies> {
    let changed = plan.steps.iter().filter(|step| step.is_change());
    let found = changed.filter_map(|step| {
        let built = desired.built.get(&step.address)?;
        Some((step.address.clone(), built.clone()))
    });
    found.collect()
}
