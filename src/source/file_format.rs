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
    ("a Serverless Framework file (serverless.yml)", "service", "provider functions plugins custom"),
    ("a Serverless Framework file (serverless.yml)", "stepFunctions", ""),
    ("a Helm chart", "apiVersion name version", ""),
    ("a Kustomize file", "resources", "namespace namePrefix patches images configMapGenerator commonLabels"),
    ("a Kubernetes manifest", "apiVersion kind", ""),
    ("a CircleCI configuration", "version jobs", ""),
    ("a CircleCI configuration", "workflows", "version orbs"),
    ("an Azure Pipelines file", "trigger", "pool steps stages jobs variables"),
    ("an Azure Pipelines file", "pool", "steps stages jobs"),
    ("a Bitbucket Pipelines file", "pipelines", ""),
    ("a GitHub Actions workflow", "jobs", "on true name"),
    ("a GitHub Actions file", "runs", "inputs outputs name"),
    ("a CDK configuration (cdk.json)", "app", "context watch toolkitStackName"),
    ("a Terraform state", "terraform_version", ""),
    ("a Terraform file", "resource", "provider terraform variable"),
    ("a Terraform file", "terraform", ""),
    ("a Terraform file", "provider", ""),
    ("a Terraform file", "variable", ""),
    ("a Terraform file", "module", ""),
    ("an OpenAPI description", "openapi", ""),
    ("an OpenAPI description", "swagger", ""),
    ("an npm package.json", "name version", "scripts dependencies devDependencies main"),
    ("a lock file of npm", "lockfileVersion", ""),
    ("a TypeScript configuration", "compilerOptions", ""),
    ("a Pulumi project", "name runtime", ""),
    ("a CodeBuild buildspec", "version phases", ""),
    ("an IAM policy", "Version Statement", ""),
    ("an IAM policy", "Statement", ""),
    ("a SAM configuration", "version default", ""),
    ("a CodeDeploy AppSpec file", "version", "Resources hooks"),
    ("a Chalice configuration", "stages", "app_name api_gateway_stage"),
    ("a GitLab CI file", "stages", ""),
    ("an AsyncAPI description", "asyncapi", ""),
    ("a Dependabot file", "version updates", ""),
    ("a pre-commit configuration", "repos", ""),
    ("a Conda environment", "channels dependencies", ""),
    ("an event of Lambda, the input of a function", "Records", ""),
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

/// Formats by the whole name, in lowercase: of files whose keys tell less, or that may not be parsed.
#[rustfmt::skip]
const BY_NAME: &[(&str, &str)] = &[
    ("tsconfig.json", "a TypeScript configuration"), ("package.json", "an npm package.json"),
    ("package-lock.json", "a lock file of npm"), ("pnpm-lock.yaml", "a lock file of pnpm"),
    ("chart.yaml", "a Helm chart"), ("values.yaml", "a file of values of a Helm chart"),
    ("kustomization.yaml", "a Kustomize file"), ("kustomization.yml", "a Kustomize file"),
    ("docker-compose.yaml", "a docker-compose file"), ("docker-compose.yml", "a docker-compose file"),
    ("compose.yaml", "a docker-compose file"), ("compose.yml", "a docker-compose file"),
    ("serverless.yml", "a Serverless Framework file"), ("serverless.yaml", "a Serverless Framework file"),
    ("samconfig.yaml", "a SAM configuration"), ("cdk.json", "a CDK configuration"),
    ("buildspec.yml", "a CodeBuild buildspec"), (".gitlab-ci.yml", "a GitLab CI file"),
    ("azure-pipelines.yml", "an Azure Pipelines file"), ("dockerfile", "a file of Docker"),
    ("makefile", "a file of make"), ("requirements.txt", "a list of Python packages"),
    (".env", "a file of environment variables"),
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

    /// The format that a name or its ending tells; never one of treino's own.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<&'static str> {
        let name = path.file_name()?.to_str()?.to_lowercase();
        if name.ends_with(".tf.json") {
            return Some("a Terraform file");
        }
        if let Some((_, format)) = BY_NAME.iter().find(|(known, _)| *known == name) {
            return Some(format);
        }
        let ending = path.extension()?.to_str()?.to_lowercase();
        let known = BY_ENDING.iter().find(|(known, _)| *known == ending);
        known.map(|(_, format)| *format)
    }

    /// The format of another tool that the documents of a text in YAML tell, where they are several.
    #[must_use]
    pub fn of_documents(text: &str) -> Option<Self> {
        let mut documents = vec![String::new()];
        if text.lines().any(|line| line.starts_with("stack:")) {
            return None;
        }
        for line in text.split_inclusive('\n') {
            match line.strip_prefix("---") {
                Some(rest) if rest.trim().is_empty() || rest.starts_with(' ') => {
                    documents.push(String::new());
                }
                _ => documents.last_mut()?.push_str(line),
            }
        }
        if documents.len() == 1 {
            return None;
        }
        let mut formats = documents.iter().filter_map(|document| {
            let root = super::parse(&super::Source::new("", document.as_str())).ok()?;
            Self::of(&root)
        });
        formats.find(|format| matches!(format, Self::Other(_)))
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
            (
                "stepFunctions: {}",
                "a Serverless Framework file (serverless.yml)",
            ),
            ("apiVersion: v2\nname: x\nversion: 0.1.0", "a Helm chart"),
            (
                "version: 2.1\njobs: {}\nworkflows: {}",
                "a CircleCI configuration",
            ),
            ("trigger: none\nstages: []", "an Azure Pipelines file"),
            ("pipelines: {}", "a Bitbucket Pipelines file"),
            ("{\"variable\": {}}", "a Terraform file"),
            (
                "{\"name\": \"x\", \"lockfileVersion\": 3}",
                "a lock file of npm",
            ),
            ("{\"compilerOptions\": {}}", "a TypeScript configuration"),
            (
                "{\"app_name\": \"x\", \"stages\": {}}",
                "a Chalice configuration",
            ),
            ("stages: [build]", "a GitLab CI file"),
            (
                "{\"Records\": []}",
                "an event of Lambda, the input of a function",
            ),
        ] {
            assert_eq!(of(text), Some(format), "{text}");
        }
        assert_eq!(of("buckets: { images: {} }"), None);
        assert_eq!(of("stak: lab\nfunctions: { f: { handler: x } }"), None);
        assert_eq!(of("name: lab\nbuckets: {}"), None);
    }

    #[test]
    fn formats_are_told_by_whole_names_and_by_several_documents() {
        for (name, format) in [
            ("a/tsconfig.json", Some("a TypeScript configuration")),
            ("MAIN.TF.JSON", Some("a Terraform file")),
            ("Makefile", Some("a file of make")),
            ("Dockerfile", Some("a file of Docker")),
            ("stack.yaml", None),
            ("config.json", None),
        ] {
            assert_eq!(FileFormat::of_name(Path::new(name)), format, "{name}");
        }
        let of = |text: &str| FileFormat::of_documents(text).map(FileFormat::in_words);
        let pod = "apiVersion: v1\nkind: Pod\n";
        let manifest = Some("a Kubernetes manifest");
        assert_eq!(of(&format!("{pod}---\n{pod}")), manifest);
        assert_eq!(of(&format!("---\n{pod}--- # next\n{pod}")), manifest);
        assert_eq!(of("stack: ab\n---\nstack: cd\n"), None);
        assert_eq!(of(&format!("stack: ab\n---\n{pod}")), None);
        assert_eq!(of("a: [\n"), None);
    }
}
