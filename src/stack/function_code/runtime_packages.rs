//! What Lambda's runtimes have besides the language's own modules.

use super::CodeLanguage;
use crate::data::modules::{self, StandardModule};

/// What the Python runtimes have: the AWS SDK with what it needs, the runtime interface client with what it needs,
/// and what some versions have besides.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-package.html>
const PYTHON: [&str; 19] = [
    "_distutils_hack",
    "awslambdaric",
    "boto3",
    "bootstrap",
    "botocore",
    "dateutil",
    "docutils",
    "jmespath",
    "lambda_runtime_client",
    "lambda_runtime_log_utils",
    "pip",
    "pkg_resources",
    "s3transfer",
    "setuptools",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
    "wheel",
];

/// The scopes of the AWS SDK version 3 and of what it needs, in the runtimes of Node.js 18 and later.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html>
const NODE_SCOPES: [&str; 5] = ["@aws", "@aws-crypto", "@aws-sdk", "@nodable", "@smithy"];
/// What both versions of the SDK need, which can be loaded too.
const NODE: [&str; 21] = [
    "anynum",
    "bowser",
    "buffer",
    "events",
    "fast-xml-builder",
    "fast-xml-parser",
    "ieee754",
    "isarray",
    "jmespath",
    "mnemonist",
    "obliterator",
    "path-expression-matcher",
    "punycode",
    "querystring",
    "sax",
    "strnum",
    "tslib",
    "url",
    "uuid",
    "xml2js",
    "xmlbuilder",
];

/// The packages of well-known modules, as `(module, package)`: for the help, and for versions of Python that are newer
/// than the data, where only these are known to be no modules of Python.
const PACKAGES: [(&str, &str); 38] = [
    ("Crypto", "pycryptodome"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "Pillow"),
    ("aiohttp", "aiohttp"),
    ("attr", "attrs"),
    ("aws_lambda_powertools", "aws-lambda-powertools"),
    ("aws_xray_sdk", "aws-xray-sdk"),
    ("bcrypt", "bcrypt"),
    ("bs4", "beautifulsoup4"),
    ("cryptography", "cryptography"),
    ("cv2", "opencv-python-headless"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("fastapi", "fastapi"),
    ("fitz", "PyMuPDF"),
    ("flask", "flask"),
    ("httpx", "httpx"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("lxml", "lxml"),
    ("magic", "python-magic"),
    ("mangum", "mangum"),
    ("multipart", "python-multipart"),
    ("numpy", "numpy"),
    ("openai", "openai"),
    ("orjson", "orjson"),
    ("pandas", "pandas"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("pydantic", "pydantic"),
    ("pymongo", "pymongo"),
    ("redis", "redis"),
    ("requests", "requests"),
    ("scipy", "scipy"),
    ("sklearn", "scikit-learn"),
    ("stripe", "stripe"),
    ("ujson", "ujson"),
    ("yaml", "PyYAML"),
];

/// Whether every Python runtime may have a module besides Python's own.
pub(super) fn python_has(module: &str) -> bool {
    PYTHON.contains(&module)
}

/// Whether the runtime of a major version of Node.js has a package.
pub(super) fn node_has(package: &str, major: u32) -> bool {
    if package == "aws-sdk" {
        return major < 18;
    }
    let scope = package.split('/').next().unwrap_or_default();
    NODE.contains(&package) || major >= 18 && NODE_SCOPES.contains(&scope)
}

/// The package that has a module, if it is well known.
pub(super) fn package_of(module: &str) -> Option<&'static str> {
    let mut packages = PACKAGES.iter();
    packages
        .find(|(name, _)| *name == module)
        .map(|(_, package)| *package)
}

/// The module of the language or its runtime that differs from a name in one letter, or in uppercase letters alone.
pub(super) fn nearly(name: &str, language: CodeLanguage) -> Option<&'static str> {
    let known: Vec<&str> = match language {
        CodeLanguage::Python(minor) => {
            let present = |one: &&str| modules::of_python(one, minor) == StandardModule::Present;
            let own = modules::all_of_python().filter(present);
            own.chain(["boto3", "botocore"]).collect()
        }
        CodeLanguage::Node(_) => modules::all_of_node().collect(),
    };
    let name = name.to_lowercase();
    let most = usize::from(name.len() > 2);
    let near = known.into_iter().filter_map(|one| {
        let distance = strsim::damerau_levenshtein(&name, &one.to_lowercase());
        (distance <= most).then_some((distance, one))
    });
    near.min().map(|(_, one)| one)
}

/// What has the module that a requirement names as if it were a package: the package of that module, or an empty text for
/// Python itself.
#[must_use]
pub fn package_of_module(name: &str) -> Option<&'static str> {
    let mut others = PACKAGES.iter();
    let other =
        others.find(|(module, package)| module.eq_ignore_ascii_case(name) && module != package);
    if let Some((_, package)) = other {
        return Some(*package);
    }
    let is_standard = modules::of_python(name, 0) != StandardModule::Unknown;
    (is_standard && !name.starts_with('_')).then_some("")
}

/// Whether a module is known to be no module of any Python.
pub(super) fn is_never_standard(module: &str) -> bool {
    PACKAGES.iter().any(|(name, _)| *name == module)
}
