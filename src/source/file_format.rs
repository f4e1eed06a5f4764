//! What a file is, by the keys at its top: treino's own two formats, and those that people mistake for them.

use std::path::Path;

use super::{Node, Value};

/// A format that is told by a few keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// A stack file of treino's.
    Stack,
    /// A Step Functions definition.
    Definition,
    /// Of another tool, with its name: "a SAM template".
    Other(&'static str),
}

/// Formats by their keys: all of the first must be at the top, and one of the second if there are any.
#[rustfmt::skip]
const BY_KEYS: &[(&str, &str, &str)] = &[
    ("a docker-compose file", "services", ""),
    ("a Serverless Framework file (serverless.yml)", "service provider", ""),
    ("a Kubernetes manifest", "apiVersion kind", ""),
    ("a GitHub Actions workflow", "jobs", "on true name"),
    ("a GitHub Actions file", "runs", "inputs outputs name"),
    ("a CDK configuration (cdk.json)", "app", "context watch toolkitStackName"),
    ("a Terraform state", "terraform_version", ""),
    ("a Terraform file", "resource", "provider terraform variable"),
    ("a Terraform file", "terraform", ""),
    ("an OpenAPI description", "openapi", ""),
    ("an OpenAPI description", "swagger", ""),
    ("an npm package.json", "name version", "scripts dependencies devDependencies main"),
    ("a Pulumi project", "name runtime", ""),
    ("a CodeBuild buildspec", "version phases", ""),
    ("an IAM policy", "Version Statement", ""),
    ("an IAM policy", "Statement", ""),
    ("a GitLab CI file", "stages", ""),
    ("a JSON Schema", "$schema properties", ""),
];

/// Formats by the ending of the name.
#[rustfmt::skip]
const BY_ENDING: &[(&str, &str)] = &[
    ("tf", "a Terraform file"), ("hcl", "a Terraform file"), ("tfvars", "a Terraform file"),
    ("tfstate", "a Terraform state"), ("py", "a Python file"), ("js", "a JavaScript file"),
    ("mjs", "a JavaScript file"), ("cjs", "a JavaScript file"), ("ts", "a TypeScript file"),
    ("java", "a Java file"), ("rs", "a Rust file"), ("go", "a Go file"), ("sh", "a shell script"),
    ("md", "a Markdown file"), ("html", "a web page"), ("toml", "a TOML file"), ("ini", "an INI file"),
    ("env", "a file of environment variables"), ("zip", "a zip archive"), ("jar", "a Java archive"),
    ("gz", "a compressed file"), ("tar", "an archive"), ("pdf", "a PDF file"), ("docx", "a Word document"),
    ("csv", "a CSV file"), ("xml", "an XML file"), ("jpg", "a picture"), ("jpeg", "a picture"),
    ("png", "a picture"), ("ipynb", "a Jupyter notebook"),
];

/// Formats of binary files by their first bytes.
const BY_BYTES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
];

impl FileFormat {
    /// The format of a parsed file; `None` if its keys tell none.
    #[must_use]
    pub fn of(root: &Node) -> Option<Self> {
        if let Some(play) = root.items().first() {
            let has = |key: &str| play.get(key).is_some();
            let is_playbook = has("hosts") && (has("tasks") || has("roles"));
            return is_playbook.then_some(Self::Other("an Ansible playbook"));
        }
        let has = |key: &str| root.get(key).is_some();
        if has("stack") {
            return Some(Self::Stack);
        }
        if has("StartAt") || (has("States") && !has("Resources")) {
            return Some(Self::Definition);
        }
        if let Some(template) = template(root) {
            return Some(Self::Other(template));
        }
        let known = BY_KEYS.iter().find(|(_, all, one_of)| {
            let mut any = one_of.split(' ');
            all.split(' ').all(has) && (one_of.is_empty() || any.any(has))
        });
        known.map(|(format, ..)| Self::Other(format))
    }

    /// The format that the ending of a name tells; never one of treino's own.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<&'static str> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        let known = BY_ENDING.iter().find(|(known, _)| *known == ending);
        known.map(|(_, format)| *format)
    }

    /// The format that the first bytes of a binary file tell.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<&'static str> {
        let known = BY_BYTES.iter().find(|(first, _)| bytes.starts_with(first));
        known.map(|(_, format)| *format)
    }

    /// The format in words: "a stack file".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Stack => "a stack file",
            Self::Definition => "a Step Functions definition",
            Self::Other(format) => format,
        }
    }
}

/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html>
fn template(root: &Node) -> Option<&'static str> {
    let resources = root.get("Resources").map(Node::entries).unwrap_or_default();
    let mut types = resources
        .iter()
        .filter_map(|one| one.value.get("Type")?.as_str());
    let is_text = |node: &Node, part: &str| node.as_str().is_some_and(|text| text.contains(part));
    let transform = root.get("Transform");
    let is_sam = transform.is_some_and(|node| {
        is_text(node, "AWS::Serverless")
            || node
                .items()
                .iter()
                .any(|one| is_text(one, "AWS::Serverless"))
    });
    if is_sam || types.clone().any(|of| of.starts_with("AWS::Serverless::")) {
        return Some("a SAM template");
    }
    let is_cloudformation = root.get("AWSTemplateFormatVersion").is_some()
        || transform.is_some()
        || types.any(|of| of.starts_with("AWS::"))
        || matches!(
            root.get("Resources").map(|one| &one.value),
            Some(Value::Map(_))
        );
    is_cloudformation.then_some("a CloudFormation template")
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse};
    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        let root = parse(&Source::new("a.yaml", text)).expect("YAML");
        FileFormat::of(&root).map(FileFormat::in_words)
    }

    #[test]
    fn formats_are_told_by_their_keys() {
        for (text, format) in [
            ("stack: lab\nservices: {}", "a stack file"),
            ("StartAt: A\nStates: {}", "a Step Functions definition"),
            (
                "Transform: AWS::Serverless-2016-10-31\nResources: {}",
                "a SAM template",
            ),
            (
                "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]",
                "a SAM template",
            ),
            (
                "Resources: { F: { Type: 'AWS::Serverless::Function' } }",
                "a SAM template",
            ),
            (
                "AWSTemplateFormatVersion: 2010-09-09\nDescription: x",
                "a CloudFormation template",
            ),
            (
                "Resources:\n  B:\n    Type: AWS::S3::Bucket\n",
                "a CloudFormation template",
            ),
            (
                "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}",
                "a CloudFormation template",
            ),
            (
                "service: x\nprovider: { name: aws }\nfunctions: {}",
                "a Serverless Framework file (serverless.yml)",
            ),
            (
                "version: '3'\nservices: { web: { image: nginx } }",
                "a docker-compose file",
            ),
            ("apiVersion: v1\nkind: Pod", "a Kubernetes manifest"),
            ("name: CI\non: push\njobs: {}", "a GitHub Actions workflow"),
            (
                "{\"app\": \"npx ts-node bin/x.ts\", \"context\": {}}",
                "a CDK configuration (cdk.json)",
            ),
            (
                "{\"name\": \"x\", \"version\": \"1\", \"dependencies\": {}}",
                "an npm package.json",
            ),
            ("- hosts: all\n  tasks: []", "an Ansible playbook"),
        ] {
            assert_eq!(of(text), Some(format), "{text}");
        }
        assert_eq!(of("buckets: { images: {} }"), None);
        assert_eq!(of("stak: lab\nfunctions: { f: { handler: x } }"), None);
        assert_eq!(of("name: lab\nbuckets: {}"), None);
    }
}
