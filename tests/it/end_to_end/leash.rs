//! What the tests start does not outlive them.

use treino::local::{Folders, Found, Options, status, up_on_leash};

use crate::support::eventually;

#[tokio::test]
async fn a_local_aws_on_a_leash_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders {
        cache: Folders::of_user().unwrap().cache,
        state: folder.path().join("local"),
    };
    let options = Options::default();
    let (running, leash) = up_on_leash(&folders, options, &|_| ()).await.unwrap();
    let found = status(&folders, &|_| ()).await.unwrap();
    assert_eq!(found, Found::Running(Box::new(running)));
    // A second one would be nobody's.
    let second = up_on_leash(&folders, options, &|_| ()).await;
    assert!(second.unwrap_err().message.contains("runs at http"));

    // What the system does with the pipe when this process ends, in whatever way.
    drop(leash);

    eventually("the end of the local AWS", async || {
        let found = status(&folders, &|_| ()).await.unwrap();
        (!matches!(found, Found::Running(_))).then_some(())
    })
    .await;
}
