//! Installing what functions' packages name, before a plan is made.

use std::collections::BTreeMap;

use super::Error;
use super::frontend::Reporter;
use super::installing::Installing;
use super::session::Session;
use crate::build::{self, BuildTarget};
use crate::local;
use crate::plan::Plan;
use crate::stack::{Address, DesiredState, Loaded, PackagedDependencies};

/// Installs what the stack's functions name in `requirements.txt` and `package.json`, or takes it from the cache. For
/// the local AWS it is installed for this machine, whose Python and Node.js run functions there.
pub(super) async fn install_packages(
    session: &Session,
    loaded: &mut Loaded,
    out: &Reporter<'_>,
) -> Result<(), Error> {
    let requests = loaded.builds();
    if requests.is_empty() {
        return Ok(());
    }
    let Some(cache) = session.cache() else {
        return Err(Error::Usage(
            "packages are to be installed, and the session has no cache folder for them: set HOME or XDG_CACHE_HOME"
                .to_owned(),
        ));
    };
    let installing = Installing::new(out);
    let target = match session.local() {
        Some(local) => {
            let folders = local.folders.clone();
            let found = local::on_a_thread(&installing, move |listener| {
                local::function_python(&folders, listener)
            });
            let (python, version) = installing.ended(found.await)?;
            BuildTarget::Machine { python, version }
        }
        None => BuildTarget::Lambda,
    };
    let built = build::build(cache, requests, target, &installing).await;
    let built = installing.ended(built).map_err(|error| match error {
        // It is about a file of the user.
        Error::Local(diagnostic) => Error::Diagnostics(diagnostic.into()),
        other => other,
    })?;
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
