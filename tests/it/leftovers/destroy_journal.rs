//! A function's log group that Lambda brings back unmarked, when the destroy is killed and the function,
//! by which it would be known, is gone.

use treino::stack::Kind;

use super::{FUNCTION, Scene, receipt, says_gone};
use crate::support::proxy::{Signal, When};

const GROUP: &str = "/aws/lambda/lab-f";

impl Scene {
    /// A destroy that is killed when it deletes the function's log group.
    fn killed(&self, when: When) {
        let rule = self.proxy.on("logs:DeleteLogGroup").with(GROUP).first(1);
        rule.signal(when, Signal::Kill);
        let words = ["destroy", "lab", "--yes"];
        let mut command = self.world.command_at(&self.proxy.endpoint, &words);
        assert_eq!(self.proxy.runs(&mut command).code, -1);
        self.proxy.forget();
    }

    /// What Lambda does for a late line.
    async fn group_is_made_by_lambda(&self) {
        let call = self.clients.logs.create_log_group().log_group_name(GROUP);
        call.send().await.unwrap();
    }

    async fn group_is_lost(&self) {
        let call = self.clients.logs.delete_log_group().log_group_name(GROUP);
        call.send().await.unwrap();
    }

    /// Whether the function stands.
    async fn function_stands(&self) -> bool {
        let everything = self.clients.everything().await;
        everything.contains(&"function lab-f".to_owned())
    }

    /// A destroy by the name alone finds the group, and leaves nothing.
    async fn is_found_by_name(&self) {
        assert!(!self.function_stands().await);
        let destroyed = self.destroy().ends(0);
        assert!(
            says_gone(&receipt(&destroyed), Kind::LogGroup, GROUP),
            "{}",
            destroyed.err
        );
        self.is_empty().await;
    }
}

/// Its group was deleted by hand before, so that the one that stands never had a mark.
#[tokio::test]
async fn a_group_without_a_mark_is_known_after_its_function_is_gone() {
    let test = "a_group_without_a_mark_is_known_after_its_function_is_gone";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.group_is_lost().await;
    scene.group_is_made_by_lambda().await;

    scene.killed(When::Before);

    scene.is_found_by_name().await;
}

#[tokio::test]
async fn a_group_that_comes_back_after_a_kill_is_known() {
    let test = "a_group_that_comes_back_after_a_kill_is_known";
    let scene = Scene::of(test, &[FUNCTION]).await;

    scene.killed(When::After);
    scene.group_is_made_by_lambda().await;

    scene.is_found_by_name().await;
}

/// Nor does a second kill at the same place make it forgotten.
#[tokio::test]
async fn a_group_is_known_after_two_kills() {
    let test = "a_group_is_known_after_two_kills";
    let scene = Scene::of(test, &[FUNCTION]).await;
    for _ in 0..2 {
        scene.killed(When::After);
        scene.group_is_made_by_lambda().await;
    }
    scene.is_found_by_name().await;
}

#[tokio::test]
async fn what_was_remembered_goes_when_nothing_came_back() {
    let test = "what_was_remembered_goes_when_nothing_came_back";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.killed(When::After);
    // The roles may not have gone yet; the next one goes on from there.
    scene.destroy().ends(0);
    scene.is_empty().await;
    scene.destroy().ends(1).says("has no resources");

    // A deploy does not keep it either.
    scene.deployed();
    scene.killed(When::After);
    scene.deployed();
    let groups = scene.clients.everything().await;
    let groups = groups.iter().filter(|one| one.starts_with("log group"));
    assert_eq!(groups.collect::<Vec<_>>(), [&format!("log group {GROUP}")]);
    scene.ends_empty().await;
}

/// Somebody has made a function of that name since: its logs are theirs.
#[tokio::test]
async fn a_group_of_somebody_elses_new_function_is_left_alone() {
    let test = "a_group_of_somebody_elses_new_function_is_left_alone";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.killed(When::After);
    scene.group_is_made_by_lambda().await;
    let package = aws_sdk_lambda::primitives::Blob::new(zipped());
    let code = aws_sdk_lambda::types::FunctionCode::builder().zip_file(package);
    let call = scene
        .clients
        .lambda
        .create_function()
        .function_name("lab-f");
    let call = call
        .role("arn:aws:iam::123456789012:role/theirs")
        .handler("app.handler");
    let call = call.runtime(aws_sdk_lambda::types::Runtime::Python313);
    call.code(code.build()).send().await.unwrap();

    scene.destroy().ends(0);

    let left = ["function lab-f".to_owned(), format!("log group {GROUP}")];
    assert_eq!(scene.clients.everything().await, left);
}

fn zipped() -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("app.py", options).unwrap();
    zip.write_all(b"def handler(event, context):\n    return event\n")
        .unwrap();
    zip.finish().unwrap().into_inner()
}

/// Whoever may not write it down destroys all the same, and is told what that means.
#[tokio::test]
async fn what_cannot_be_remembered_is_said() {
    let test = "what_cannot_be_remembered_is_said";
    let scene = Scene::of(test, &[FUNCTION]).await;
    let denied = "User: sam is not authorized to perform: logs:CreateLogGroup";
    let rule = scene.proxy.on("logs:CreateLogGroup");
    rule.refuse(400, "AccessDeniedException", denied);

    let destroyed = scene.destroy().ends(0);

    destroyed
        .says(denied)
        .says("log groups that Lambda brings back");
    scene.is_empty().await;
}
