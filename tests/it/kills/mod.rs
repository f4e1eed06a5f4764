//! The program is killed at every request that changes something, before the request reaches AWS and
//! after, and stopped by Ctrl-C; what comes next puts everything right.
//!
//! A kill happens at a point: of a lab, its deploy or its destroy, at the n-th request that changes
//! something, before or after. What follows is a deploy, which ends with the live state of one that
//! nobody disturbed and an empty plan, or a destroy, which leaves nothing and says so of all that
//! stood. `cargo test` tries a sample of the points, always the same; the long forms try all:
//!
//! ```sh
//! cargo test --test it kills -- --ignored --nocapture
//! ```

mod interrupts;
mod points;
mod trial;

use points::{Verb, every, sample};
use trial::{Lab, Trial};

/// The labs, and what their deploy is given.
const IMAGE_METADATA: Lab = Lab("image-metadata", &[]);
const CONTA_BANCO: Lab = Lab("conta-banco", &[]);
const API_EXTERNA: Lab = Lab("api-externa", &["api_url=http://127.0.0.1:9/users/1"]);
const ORDER_PROCESSING: Lab = Lab("order-processing", &[]);
const MICROSERVICES: Lab = Lab("microservices", &[]);

/// Tries these points of a lab, says how many failed, and fails if any did.
async fn tried(test: &str, lab: Lab, choose: fn(&Trial) -> Vec<points::Point>) {
    let trial = Trial::of(test, lab).await;
    let points = choose(&trial);
    let mut failed = 0;
    for point in &points {
        if let Err(text) = trial.kill(point).await {
            println!("{}: {point}: {text}", lab.0);
            failed += 1;
            if trial.cleared().await.is_err() {
                println!("{}: the rest was not tried", lab.0);
                break;
            }
        }
    }
    println!(
        "{}: {} points tried (deploy has {} requests that change something, destroy {}), {failed} failed",
        lab.0,
        points.len(),
        trial.changes(Verb::Deploy),
        trial.changes(Verb::Destroy),
    );
    assert_eq!(failed, 0);
}

macro_rules! labs {
    ($($lab:ident $some:ident $all:ident;)*) => {
        $(
            #[tokio::test]
            async fn $some() {
                tried(stringify!($some), $lab, sample).await;
            }

            #[tokio::test]
            #[ignore = "minutes: every point of the lab"]
            async fn $all() {
                tried(stringify!($all), $lab, every).await;
            }
        )*
    };
}

labs! {
    IMAGE_METADATA image_metadata_survives_kills image_metadata_survives_every_kill;
    CONTA_BANCO conta_banco_survives_kills conta_banco_survives_every_kill;
    API_EXTERNA api_externa_survives_kills api_externa_survives_every_kill;
    ORDER_PROCESSING order_processing_survives_kills order_processing_survives_every_kill;
    MICROSERVICES microservices_survives_kills microservices_survives_every_kill;
}
