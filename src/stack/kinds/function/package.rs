//! A function's package, and the bucket of one that Lambda does not take directly.

use super::super::BucketSpec;
use super::Function;
use crate::stack::code::{MAX_DIRECT_BYTES, Package, PackageSource};
use crate::stack::expand::Expansion;
use crate::stack::{Address, Kind};

/// The part of a function that is the bucket of its package.
const PACKAGE_BUCKET: &str = "package";

/// Makes a function wait for the bucket of its package, if it has one.
pub(super) fn wait_for_bucket(address: &Address, package: Option<&Package>, out: &mut Expansion) {
    if package.is_some_and(is_large) {
        out.wait_for(address, address.part(PACKAGE_BUCKET));
    }
}

fn is_large(package: &Package) -> bool {
    package.zip.len() > MAX_DIRECT_BYTES
}

impl Function {
    /// What its package is made of.
    pub(super) fn package_source(&self) -> PackageSource {
        PackageSource {
            code: self.code.clone(),
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            build: self.build,
            runtime: self.runtime.clone(),
            architecture: self.architecture,
        }
    }

    /// Keeps the package for the upload; answers its hash. A package that Lambda does not take directly has a bucket
    /// to be uploaded to, which is a resource of the stack like any other.
    pub(super) fn artifact(
        &self,
        address: &Address,
        package: Option<&Package>,
        out: &mut Expansion,
    ) -> String {
        let Some(package) = package else {
            return String::new();
        };
        let mut bucket = None;
        if is_large(package) {
            let of_packages = address.part(PACKAGE_BUCKET);
            bucket = Some(out.name_of(Kind::Bucket, &of_packages, None));
            let spec = BucketSpec {
                versioning: false,
                block_public_access: true,
                events: false,
                policy: None,
            };
            out.add(Kind::Bucket, of_packages, None, &spec);
        }
        let name = out.name_of(Kind::Function, address, self.name.as_deref());
        out.artifact((address, name), package, bucket)
    }
}
