//! What Lambda's runtimes have besides the language's own modules.

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

/// Packages whose modules have another name, as `(module, package)`: for the help, and for versions of Python that are
/// newer than the data, where only these and others of their fame are known to be no modules of Python.
const NAMED_OTHERWISE: [(&str, &str); 23] = [
    ("Crypto", "pycryptodome"),
    ("MySQLdb", "mysqlclient"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "Pillow"),
    ("attr", "attrs"),
    ("aws_lambda_powertools", "aws-lambda-powertools"),
    ("aws_xray_sdk", "aws-xray-sdk"),
    ("bs4", "beautifulsoup4"),
    ("cv2", "opencv-python-headless"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("fitz", "PyMuPDF"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("magic", "python-magic"),
    ("multipart", "python-multipart"),
    ("numpy", "numpy"),
    ("pandas", "pandas"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("requests", "requests"),
    ("sklearn", "scikit-learn"),
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

/// The package that has a module, as far as its name tells.
pub(super) fn package_of(module: &str) -> &str {
    let other = NAMED_OTHERWISE.iter().find(|(name, _)| *name == module);
    other.map_or(module, |(_, package)| package)
}

/// What has the module that a requirement names as if it were a package: the package of that module, or an empty text for
/// Python itself.
#[must_use]
pub fn package_of_module(name: &str) -> Option<&'static str> {
    let mut others = NAMED_OTHERWISE.iter();
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
    NAMED_OTHERWISE.iter().any(|(name, _)| *name == module)
}
