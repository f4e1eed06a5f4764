//! One suite for every kind: what treino makes of a spec, AWS answers back as that spec.
//!
//! Against the local AWS, and against moto as a second opinion. Where one of them does not do
//! what AWS does, the kind's file lists the step with the reason; a listed step that works is a
//! failure too, so that no list outlives its reason.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod directory_buckets;
mod place;
mod steps;
mod suite;
mod vaults;

use crate::kinds::{Moto, TestKind, every_kind};
use place::Place;

/// The tests of each kind.
macro_rules! suites {
    ($($module:ident $kind:ident,)*) => {
        $(mod $module {
            use crate::kinds::$module::$kind;

            #[tokio::test]
            async fn on_the_local_aws() {
                super::on_the_local_aws(&$kind).await;
            }

            #[tokio::test]
            async fn on_moto() {
                super::on_moto(&$kind).await;
            }
        })*
    };
}
every_kind!(suites);

async fn on_the_local_aws(kind: &dyn TestKind) {
    let place = Place::local(&kind.kind().to_string()).await;
    suite::conforms(kind, &place, &[]).await;
}

async fn on_moto(kind: &dyn TestKind) {
    let place = Place::moto().await;
    match kind.moto() {
        Moto::Has(skips) => suite::conforms(kind, &place, skips).await,
        Moto::Lacks(reason) => suite::does_not_conform(kind, &place, reason).await,
    }
}
