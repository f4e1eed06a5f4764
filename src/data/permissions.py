"""Which resources and roles the parameters of an AWS call name, from AWS's API models and the service authorization
reference: see `permissions.json`.

- `prefix`: of the service's IAM actions.
- `unsigned`: calls without a signature, for which IAM is not asked.
- `any`: calls whose action has no resource type, so that IAM can only allow it on everything.
- `resources`: the ARNs of an action's resource types, with the parameters that fill them. An ARN of the service itself
  is written without `arn:partition:service:region:account:`. One with `?` before it is left out of a role if the call
  does not have the parameter.
- `tags`: a parameter that gives tags to what is created, the action that this needs, and the ARN it needs it on.
- `roles`: the parameters that pass an IAM role, or an instance profile, to the service.
"""

import re
from collections.abc import Iterator
from typing import Any

from integrations import Packages, call_name, guide, step_functions_name

# IAM prefixes that the models do not name.
PREFIXES = {
    "acmpca": "acm-pca",
    "applicationdiscovery": "discovery",
    "bedrockagent": "bedrock",
    "bedrockagentruntime": "bedrock",
    "bedrockruntime": "bedrock",
    "cloudcontrol": "cloudformation",
    "cloudwatchevents": "events",
    "costandusagereport": "cur",
    "customerprofiles": "profile",
    "docdb": "rds",
    "dynamodbstreams": "dynamodb",
    "elasticsearch": "es",
    "emr": "elasticmapreduce",
    "iotdataplane": "iot",
    "iotjobsdataplane": "iotjobsdata",
    "iotsecuretunneling": "iot",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lexmodelbuilding": "lex",
    "lexmodelsv2": "lex",
    "lexruntime": "lex",
    "lexruntimev2": "lex",
    "location": "geo",
    "marketplacecatalog": "aws-marketplace",
    "mturk": "mechanicalturk",
    "mwaa": "airflow",
    "neptune": "rds",
    "opensearch": "es",
    "partnercentralaccount": "partnercentral",
    "partnercentralbenefits": "partnercentral",
    "partnercentralchannel": "partnercentral",
    "partnercentralmarketing": "partnercentral",
    "partnercentralselling": "partnercentral",
    "pinpoint": "mobiletargeting",
    "resourcegroupstaggingapi": "tag",
    "timestreamquery": "timestream",
    "timestreamwrite": "timestream",
}
# The same of services that AWS's API models have no longer, though the Step Functions guide lists them.
RETIRED = {
    "elasticinference": "elastic-inference",
    "finspacedata": "finspace-api",
    "ioteventsdata": "iotevents",
    "opsworkscm": "opsworks-cm",
    "privatenetworks": "private-networks",
    "qldbsession": "qldb",
}
# Services that take a token of their own, and check no IAM permission.
# https://docs.aws.amazon.com/connect-participant/latest/APIReference/API_SendMessage.html
UNSIGNED = ("connectparticipant",)
# Variables of ARNs and the parameters that fill them, where their names differ: by IAM prefix.
NAMES = {
    "athena": {"workgroupname": "workgroup"},
    "autoscaling": {"groupfriendlyname": "autoscalinggroupname"},
    # `JobDefinition` may end in a revision, which its ARN has once more.
    "batch": {"jobdefinitionname": ""},
    "cloudtrail": {"channelid": "channel", "eventdatastoreid": "eventdatastore", "trailname": "name"},
    "cloudwatch": {"insightrulename": "rulename"},
    "ec2": {"dedicatedhostid": "hostid", "naclid": "networkaclid", "securitygroupid": "groupid"},
    "ecs": {
        "clustername": "cluster",
        "containerinstanceid": "containerinstance",
        "servicename": "service",
        "taskid": "task",
        "tasksetid": "taskset",
    },
    "geo": {"geofencecollectionname": "collectionname"},
    "glue": {"devendpointname": "endpointname"},
    "iot": {"certificate": "certificateid"},
    "lambda": {"alias": "qualifier", "version": "qualifier"},
    "medialive": {"deviceid": "inputdeviceid"},
    "rds": {
        "clusterparametergroupname": "dbclusterparametergroupname",
        "clustersnapshotname": "dbclustersnapshotidentifier",
        "dbclusterinstancename": "dbclusteridentifier",
        "dbclusterendpoint": "dbclusterendpointidentifier",
        "dbinstancename": "dbinstanceidentifier",
        "globalcluster": "globalclusteridentifier",
        "parametergroupname": "dbparametergroupname",
        "securitygroupname": "dbsecuritygroupname",
        "snapshotname": "dbsnapshotidentifier",
        "subnetgroupname": "dbsubnetgroupname",
    },
    "ses": {"identityname": "emailidentity"},
    "ssm": {"patchbaselineidresourceid": "baselineid"},
}
# Services whose ARNs have the name where the reference only says `ResourceId`.
NAMED = ("databrew",)
VARIABLES = {"partition": "{partition}", "region": "{region}", "account": "{account}", "accountid": "{account}"}
# Calls that read pass no role.
READS = re.compile(r"(?:BatchGet|Delete|Describe|Get|List|Search|Tag|Untag)")
# Calls that may give tags to what they create.
CREATES = re.compile(
    r"(?:Allocate|Claim|Copy|Create|Import|Provision|Publish|Purchase|Put|Register|Request|Restore|Run|Start|Submit)[A-Z]"
)
# The actions that allow it, by `{}` for what is created. AWS: "if tags are specified in the resource-creating action,
# AWS performs additional authorization".
TAGGING = ("TagResource", "TagResources", "AddTagsToResource", "AddTags", "TagQueue", "Tag{}", "AddTagsTo{}")
# These have no ARN that is known before: the action is limited to the call that creates (`ec2:CreateAction`).
TAGGED_BY_CALL = {"ec2": "CreateTags", "ecs": "TagResource"}
# A role that names more than this many resource types with `*` is no better than one on everything.
MOST_OPEN = 3


def permissions(packages: Packages) -> dict[str, Any]:
    """The whole file."""
    actions, types = packages.reference("actions"), packages.reference("resourceTypes")
    services: dict[str, Any] = {name: {"prefix": RETIRED.get(name, name)} for name in guide()}
    seen = set()
    for folder in packages.services():
        model = packages.model(folder)
        name = step_functions_name(model["metadata"])
        prefix = prefix_of(name, folder, model["metadata"], actions)
        if name not in seen:
            seen.add(name)
            unsigned = name in UNSIGNED or model["metadata"].get("signatureVersion") == "bearer"
            found = Service(model, prefix, actions.get(prefix, {}), types.get(prefix, {})).found(unsigned)
            services[name] = {"prefix": prefix} | found
    sources = [packages.source("botocore"), packages.source("iam-data")]
    return {"sources": sources, "services": dict(sorted(services.items()))}


def prefix_of(name: str, folder: str, metadata: dict[str, Any], actions: dict[str, Any]) -> str:
    """The IAM prefix of a service. One that the reference does not have is the name that signs its requests."""
    signing = metadata.get("signingName") or metadata.get("endpointPrefix") or name
    candidates = (PREFIXES.get(name), metadata.get("signingName"), metadata.get("endpointPrefix"), folder, name)
    return next((candidate for candidate in candidates if candidate in actions), signing)


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def pascal(name: str) -> str:
    """A parameter as Step Functions has it, by the names of the AWS SDK for Java: of a first word in capitals, only the
    first letter is one (`DbInstanceIdentifier`)."""
    word = re.match(r"[A-Z]+(?![a-z])", name)
    first = word[0] if word else name[:1]
    return first.capitalize() + name[len(first) :]


class Service:
    """What is known of the calls of one service."""

    def __init__(self, model: Any, prefix: str, actions: dict[str, Any], types: dict[str, Any]) -> None:
        self.model, self.prefix, self.actions = model, prefix, actions
        self.types = {plain(name): value for name, value in types.items()}

    def found(self, unsigned_all: bool) -> dict[str, Any]:
        unlimited: list[str] = []
        unsigned: list[str] = []
        resources: dict[str, list[str]] = {}
        roles: dict[str, list[str]] = {}
        tags: dict[str, list[str]] = {}
        for operation in self.model["operations"]:
            call = call_name(operation)
            if unsigned_all or self.model["operations"][operation].get("authtype") == "none":
                unsigned.append(call)
                continue
            action = self.actions.get(operation.lower())
            if action and not action["resourceTypes"]:
                unlimited.append(call)
            for resource in self.resources(operation, action) if action else []:
                resources.setdefault(resource, []).append(call)
            for role in self.roles(operation):
                roles.setdefault(role, []).append(call)
            for tag in self.tags(operation, action):
                tags.setdefault(tag, []).append(call)
        tables = {"any": unlimited, "unsigned": unsigned}
        joined: dict[str, Any] = {key: " ".join(calls) for key, calls in tables.items() if calls}
        for key, table in (("resources", resources), ("roles", roles), ("tags", tags)):
            if table:
                joined[key] = {name: " ".join(calls) for name, calls in sorted(table.items())}
        return joined

    def parameters(self, operation: str) -> dict[str, str]:
        """The texts, and lists of texts, among the parameters of a call: by plain name, as it is written."""
        found = {}
        for name, shape in self.members(self.model["operations"][operation].get("input")):
            if shape["type"] == "list":
                shape = self.model["shapes"][shape["member"]["shape"]]
            if shape["type"] == "string":
                found[plain(name)] = pascal(name)
        return found

    def members(self, reference: dict[str, Any] | None) -> Iterator[tuple[str, Any]]:
        shape = self.model["shapes"][reference["shape"]] if reference else {}
        for name, member in shape.get("members", {}).items():
            yield name, self.model["shapes"][member["shape"]]

    def resources(self, operation: str, action: Any) -> list[str]:
        """The ARNs of the types of an action; none if the parameters fill none of them."""
        parameters = self.parameters(operation)
        filled, open_types = [], []
        for reference in action["resourceTypes"]:
            of_type = self.types.get(plain(reference["name"]))
            if of_type is None:
                return []
            # The reference has several ARNs in one text for some types.
            for arn in str(of_type["arn"]).split(", "):
                template, names = self.template(arn, reference["name"], operation, parameters)
                if names:
                    filled.append(template if reference["required"] else f"?{template}")
                else:
                    open_types.append(template)
        if not filled or len(open_types) > MOST_OPEN:
            return []
        return sorted({*filled, *open_types})

    def template(self, arn: str, type_name: str, operation: str, parameters: dict[str, str]) -> tuple[str, int]:
        count = 0
        is_only = sum(plain(name) not in VARIABLES for name in re.findall(r"\$\{(\w+)\}", arn)) == 1

        def fill(match: re.Match[str]) -> str:
            nonlocal count
            name = plain(match[1])
            if name in VARIABLES:
                return VARIABLES[name]
            alias = NAMES.get(self.prefix, {}).get(name)
            if alias in parameters or f"{alias}s" in parameters:
                count += 1
                return f"{{{parameters.get(str(alias)) or parameters[f'{alias}s']}}}"
            if self.prefix in NAMED and name == "resourceid":
                name = "resourcename"
            parameter = parameter_of(name, plain(type_name), operation, parameters, is_only, alias is not None)
            count += parameter is not None
            return f"{{{parameter}}}" if parameter else "*"

        filled = re.sub(r"\$\{(\w+)\}", fill, arn)
        whole = parameters.get(f"{plain(type_name)}arn")
        if not count and whole and filled.endswith(":*"):
            # All of these ARNs' ends are generated.
            count, filled = 1, f"{filled[:-1]}{{{whole}}}"
        own = f"arn:{{partition}}:{self.prefix}:{{region}}:{{account}}:"
        return filled.removeprefix(own), count

    def tags(self, operation: str, action: Any) -> Iterator[str]:
        """`parameter action ARN` for each action and ARN that tags given to a call need."""
        if not CREATES.match(operation) or operation == "CreateTags":
            return
        subject = subject_of(operation)
        names = ("tags", "taglist", "tagspecifications", f"{plain(subject)}tags")
        start = self.model["operations"][operation].get("input")
        members = [name for name, shape in self.members(start) if plain(name) in names and shape["type"] != "string"]
        if not members:
            return
        parameters = self.parameters(operation)
        found: dict[str, list[str]] = {}
        for name in (*TAGGING, TAGGED_BY_CALL.get(self.prefix, "")):
            tagging = self.actions.get(name.format(subject).lower())
            if tagging:
                found[tagging["name"]] = self.tagged(operation, plain(subject), action, tagging, parameters)
        # An action of one type is the older one where another is for all types.
        is_known = any(arns != ["*"] for arns in found.values())
        for parameter in members:
            for name, arns in found.items():
                if arns != ["*"] or not is_known:
                    yield from (f"{pascal(parameter)} {name} {arn}" for arn in arns)

    def tagged(self, operation: str, created: str, action: Any, tagging: Any, parameters: dict[str, str]) -> list[str]:
        """What is tagged: the type that the call creates, else the types of its action; `*` if neither is known."""
        if self.prefix in TAGGED_BY_CALL:
            return ["*"]
        taken = {plain(reference["name"]) for reference in tagging["resourceTypes"]}
        own = {plain(reference["name"]) for reference in action["resourceTypes"]} if action else set()
        near = {kind for kind in taken if kind.startswith(created)}
        near |= {kind for kind in own if created.startswith(kind) or created.endswith(kind)}
        for kinds in ({created}, near, own):
            known = sorted(kind for kind in kinds & taken if kind in self.types)
            arns = [(kind, arn) for kind in known for arn in str(self.types[kind]["arn"]).split(", ")]
            if arns:
                return [self.template(arn, kind, operation, parameters)[0] for kind, arn in arns]
        return ["*"] if not taken or not own else []

    def roles(self, operation: str) -> list[str]:
        if READS.match(operation) or self.prefix in ("iam", "securityhub", "sts"):
            return []
        start = self.model["operations"][operation].get("input")
        return sorted(set(self._roles(start, (), frozenset()))) if start else []

    def _roles(self, reference: dict[str, Any], path: tuple[str, ...], above: frozenset[str]) -> Iterator[str]:
        name = reference["shape"]
        shape = self.model["shapes"][name]
        if name in above or len(path) > 6:
            return
        above |= {name}
        if shape["type"] == "string":
            if path and passes_role(path[-1], shape, reference):
                yield ".".join(path)
        elif shape["type"] == "list":
            yield from self._roles(shape["member"] | {"documentation": reference.get("documentation", "")}, path, above)
        elif shape["type"] == "structure":
            # A service that is given an instance profile passes the profile's role to EC2.
            of_profile = path and path[-1].endswith("InstanceProfile")
            for member, inner in shape.get("members", {}).items():
                if of_profile and member in ("Arn", "Name"):
                    yield ".".join((*path, member))
                yield from self._roles(inner, (*path, pascal(member)), above)


def subject_of(operation: str) -> str:
    """What a call is about: `Table` of `CreateTable`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|\d+", operation.removeprefix("Batch"))
    return "".join(words[1:])


def passes_role(name: str, shape: Any, reference: dict[str, Any]) -> bool:
    """Whether a text parameter is the ARN or name of a role that the service then assumes."""
    if "enum" in shape:
        return False
    if re.search(r"Role_?(?:Arn|ARN)s?$", name):
        return True
    about = reference.get("documentation", "") + shape.get("documentation", "")
    is_role = re.search(r"(?:Role|InstanceProfile|IamRoles)$", name) is not None
    return is_role and re.search(r"\bARN\b|Amazon Resource Name|\bIAM\b|instance profile", about) is not None


def parameter_of(
    variable: str, type_name: str, operation: str, parameters: dict[str, str], is_only: bool, has_alias: bool
) -> str | None:
    """The parameter that fills a variable of an ARN, if its name leaves no doubt."""
    subject = plain(subject_of(operation))
    own = subject in (type_name, f"{type_name}s")
    generic = variable in ("name", "id", "identifier", "resourceid", "resourcename", "arn")
    candidates = []
    if not generic or own:
        candidates += [variable, f"{variable}s"]
    candidates += [f"{type_name}arn", f"{type_name}arns"]
    if own:
        candidates.append("arn")
    for kind in ("name", "id"):
        if variable in (f"{type_name}{kind}", kind, f"resource{kind}"):
            candidates += [f"{type_name}{kind}", f"{type_name}{kind}s"]
            if kind == "name":
                candidates.append(f"{type_name}identifier")
            if own or (variable in (f"{type_name}{kind}", f"resource{kind}") and subject.startswith(type_name)):
                candidates.append(kind)
        if variable == f"{subject}{kind}":
            candidates.append(kind)
        if variable.endswith(kind) and not has_alias:
            candidates += of_stem(variable.removesuffix(kind), kind, type_name, own, is_only)
    return next((parameters[name] for name in candidates if name in parameters), None)


def of_stem(stem: str, kind: str, type_name: str, own: bool, is_only: bool) -> list[str]:
    """The parameters that may fill a variable of a type, if its stem and the type have one name: `JobName` of the type
    `transcription-job`. A parameter without `Id` may be a name, so only `Name` is left out: `Rule` of `RuleName`."""
    candidates = []
    if is_only and (stem in type_name or type_name in stem):
        candidates += [f"{type_name}{kind}", f"{type_name}{kind}s"]
        if own and type_name.endswith(stem):
            candidates += [kind, f"{kind}s"]
    if kind == "name":
        candidates += [stem, f"{stem}s"]
        if is_only and not own:
            candidates.append(type_name)
    return candidates
