//! What the tests start does not outlive them.

use treino::local::{Folders, LocalStatus, Options, status, up_guarded};

use crate::support::eventually;

#[tokio::test]
async fn a_guarded_local_aws_ends_with_its_guard() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders {
        cache: Folders::of_user().unwrap().cache,
        state: folder.path().join("local"),
    };
    let options = Options::default();
    let (running, guard) = up_guarded(&folders, options, &|_: &str| ()).await.unwrap();
    let found = status(&folders, &|_: &str| ()).await.unwrap();
    assert_eq!(found, LocalStatus::Running(Box::new(running)));
    // A second one would be nobody's.
    let second = up_guarded(&folders, options, &|_: &str| ()).await;
    assert!(second.unwrap_err().message.contains("runs at http"));

    // What the system does with the pipe when this process ends, in whatever way.
    drop(guard);

    eventually("the end of the local AWS", async || {
        let found = status(&folders, &|_: &str| ()).await.unwrap();
        (!matches!(found, LocalStatus::Running(_))).then_some(())
    })
    .await;
}
