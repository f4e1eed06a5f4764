use std::io::Write;

use zip::write::SimpleFileOptions;

use super::stack;
use crate::support::World;
use crate::support::proxy::{Proxy, Signal, When};

/// One byte more than Lambda takes in a request, without what the zip adds.
const SIZE: usize = 50 * 1024 * 1024 + 1;
const APP: &[u8] =
    b"import os\n\n\ndef handler(event, context):\n    return os.path.getsize('model.bin')\n";

/// A zip that Lambda takes by way of S3 only. Nothing is compressed, as that takes long.
fn zip() -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [("app.py", APP), ("model.bin", &vec![7; SIZE])] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_large_package_goes_through_a_bucket_of_the_stack() {
    let world = World::new("a_large_package_goes_through_a_bucket_of_the_stack");
    let clients = world.clients().await;
    world.file("large.zip", &zip());
    let file = stack(
        &world,
        "large",
        "code: large.zip, handler: app.handler, runtime: python3.13",
    );
    let file = file.to_str().unwrap();
    let bucket = format!("large-f-package-{}-us-east-1", world.account);
    let listed = async || {
        let objects = clients
            .s3
            .list_objects_v2()
            .bucket(&bucket)
            .send()
            .await
            .unwrap();
        objects.contents().len()
    };

    // Killed when the package is uploaded: a destroy by name finds the bucket and what is in it.
    let proxy = Proxy::before(&world.endpoint);
    proxy
        .on("lambda:CreateFunction")
        .first(1)
        .signal(When::Before, Signal::Kill);
    let deploy = ["deploy", file, "--yes"];
    proxy
        .runs(&mut world.command_at(&proxy.endpoint, &deploy))
        .ends(-1);
    assert_eq!(listed().await, 1, "the package");
    world
        .treino(&["destroy", "large", "--yes"])
        .ends(0)
        .says(&format!("function.f.package    {bucket}"));
    assert_eq!(clients.everything().await, Vec::<String>::new());

    // Refused by Lambda: the bucket does not keep the package until the next upload.
    let proxy = Proxy::before(&world.endpoint);
    let refused = proxy.on("lambda:CreateFunction");
    refused.refuse(400, "CodeStorageExceededException", "no room");
    proxy
        .runs(&mut world.command_at(&proxy.endpoint, &deploy))
        .ends(1);
    assert_eq!(listed().await, 0, "of a failure too");
    world.treino(&["destroy", "large", "--yes"]).ends(0);

    let ran = world.treino_json(&deploy).ends(0);
    let plan = ran.event("plan");
    let steps = plan["steps"].as_array().unwrap();
    let of = |address: &str| {
        steps
            .iter()
            .find(|step| step["address"] == address)
            .unwrap()
    };
    assert_eq!(
        of("function.f.package")["spec"]["block_public_access"],
        true
    );
    let after = of("function.f")["after"].as_array().unwrap();
    let waits = |number: &serde_json::Value| {
        let number = usize::try_from(number.as_u64().unwrap()).unwrap();
        steps[number]["address"] == "function.f.package"
    };
    assert!(after.iter().any(waits), "{after:?}");
    assert_eq!(listed().await, 0, "Lambda has its own copy");
    world
        .treino(&["run", "large", "--input", "{}"])
        .ends(0)
        .says(&SIZE.to_string());
    let unsaved = world.treino(&["status", "large"]).ends(0);
    assert!(
        !unsaved.err.contains("could not be saved"),
        "{}",
        unsaved.err
    );
    world.treino(&deploy).ends(0).says("nothing to change");
    world.treino(&["destroy", "large", "--yes"]).ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}
