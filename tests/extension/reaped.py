"""A stack of one of everything with treino's marks, made by boto3, and the reaper that is to end it."""

import io
import json
import time
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from support import REGION, LocalAws

DEFINITION = Path(__file__).parents[2] / "src" / "ops" / "reaper" / "reaper.asl.json"
STACK, OWNER = "lab", "ana"
ZONE = "euc1-az1"
Fields = dict[str, Any]


def at(seconds: float) -> str:
    """A time so many seconds from now, as treino writes it."""
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")[:23] + "Z"


def call(name: str, **parameters: Any) -> Fields:
    return {"call": name, "input": parameters}


class Reaped:
    """One account with a stack in it, and its plan."""

    def __init__(self, local_aws: LocalAws, account: str) -> None:
        self.account = account
        self.steps: list[Fields] = []
        self._local_aws = local_aws
        self.machines = self.client("stepfunctions")
        trust = {"Version": "2012-10-17", "Statement": []}
        role = self.client("iam").create_role(
            RoleName="treino-reaper", Path="/treino/", AssumeRolePolicyDocument=json.dumps(trust)
        )
        self.role: str = role["Role"]["Arn"]
        self.reaper: str = self.machines.create_state_machine(
            name="treino-reaper", definition=DEFINITION.read_text(), roleArn=self.role
        )["stateMachineArn"]

    def client(self, service: str) -> Any:
        return self._local_aws.client(service, self.account)

    def tags(self, address: str, **other: str) -> dict[str, str]:
        return {"treino:stack": STACK, "treino:address": address, "treino:owner": OWNER, **other}

    def pairs(self, address: str) -> list[Fields]:
        return [{"Key": key, "Value": value} for key, value in self.tags(address).items()]

    def step(self, kind: str, name: str, arn: str, mark: Fields, calls: list[Fields], look: Fields, **also: Any) -> str:
        found = {"address": f"{kind}.{name}", "kind": kind, "name": name, "arn": arn}
        self.steps.append({**found, "mark": mark, "calls": calls, "look": look, **also})
        return name

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.account}:{resource}"

    # The reaper.

    def start(self, name: str = "lab.ana--1", **changes: Any) -> str:
        given = {
            "version": 1,
            "stack": STACK,
            "owner": OWNER,
            "expires": at(0),
            "begins": at(0),
            "pause": 0,
            "most_calls": 700,
            "keep": True,
            "steps": self.steps,
            **changes,
        }
        given = {key: value for key, value in given.items() if value is not None}
        started = self.machines.start_execution(stateMachineArn=self.reaper, name=name, input=json.dumps(given))
        execution: str = started["executionArn"]
        return execution

    def described(self, execution: str) -> Fields:
        """The execution once it has ended."""
        while (found := self.machines.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.02)
        described: Fields = found
        return described

    def receipt(self, execution: str) -> Fields:
        """The output of the execution, or of the one that has gone on with it in the end."""
        found = self.described(execution)
        assert found["status"] == "SUCCEEDED", (found, self.events(execution)[-3:])
        output: Fields = json.loads(found["output"])
        return self.receipt(output["continued"]) if "continued" in output else output

    def events(self, execution: str) -> list[Fields]:
        pages = self.machines.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def found(self) -> list[str]:
        """Everything the account has, but the reaper and its role, by listing."""
        storage, events, names = self.client("s3"), self.client("events"), []
        names += [each["Name"] for each in storage.list_buckets()["Buckets"]]
        names += [each["Name"] for each in storage.list_directory_buckets()["Buckets"]]
        names += [each["Name"] for each in events.list_rules()["Rules"]]
        names += [each["Name"] for each in events.list_connections()["Connections"]]
        names += [each["Name"] for each in self.client("cloudtrail").list_trails()["Trails"]]
        names += [each["name"] for each in self.machines.list_state_machines()["stateMachines"]]
        names += [each["FunctionName"] for each in self.client("lambda").list_functions()["Functions"]]
        names += [each["UUID"] for each in self.client("lambda").list_event_source_mappings()["EventSourceMappings"]]
        names += [each["logGroupName"] for each in self.client("logs").describe_log_groups()["logGroups"]]
        names += self.client("dynamodb").list_tables()["TableNames"]
        names += [each["VaultName"] for each in self.client("glacier").list_vaults()["VaultList"]]
        names += [each["TopicArn"] for each in self.client("sns").list_topics()["Topics"]]
        names += self.client("sqs").list_queues().get("QueueUrls", [])
        names += [each["RoleName"] for each in self.client("iam").list_roles()["Roles"]]
        return sorted(name for name in names if name != "treino-reaper")

    # What a stack may have, in the order in which a destroy deletes it.

    def everything(self) -> None:
        queue = self.queue("jobs", step=False)
        machine = self.machine("photos", step=False)
        self.rule("uploaded", queue)
        bucket = self.bucket("photos", step=False)
        self.trail("writes", bucket)
        self.step_of_machine("photos", machine)
        self.function("thumbnail")
        self.log_group("/aws/lambda/thumbnail", marked=False)
        self.log_group("/aws/vendedlogs/states/photos")
        self.step_of_bucket(bucket)
        self.table("items")
        self.vault("lab-archive")
        self.connection("weather")
        self.directory_bucket("fast")
        self.topic("news")
        self.step_of_queue("jobs")
        self.own_role("lab-role")

    def rule(self, name: str, queue: str) -> str:
        events, arn = self.client("events"), self.arn("events", f"rule/{name}")
        pattern = json.dumps({"source": ["lab"]})
        events.put_rule(Name=name, EventPattern=pattern, Tags=self.pairs(f"rule.{name}"))
        events.put_targets(Rule=name, Targets=[{"Id": "one", "Arn": self.arn("sqs", queue)}])
        bus = {"EventBusName": "default"}
        return self.step(
            "rule", name, arn,
            call("eventbridge:listTagsForResource", ResourceARN=arn),
            [call("eventbridge:listTargetsByRule", Rule=name, **bus), call("eventbridge:deleteRule", Name=name, **bus)],
            call("eventbridge:listRules", NamePrefix=name, **bus),
        )  # fmt: skip

    def trail(self, name: str, bucket: str) -> str:
        trails, arn = self.client("cloudtrail"), self.arn("cloudtrail", f"trail/{name}")
        service = {"Service": "cloudtrail.amazonaws.com"}
        allowed = [
            {"Effect": "Allow", "Principal": service, "Action": action, "Resource": f"arn:aws:s3:::{bucket}{of}"}
            for action, of in (("s3:GetBucketAcl", ""), ("s3:PutObject", "/*"))
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        self.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
        trails.create_trail(Name=name, S3BucketName=bucket, TagsList=self.pairs(f"trail.{name}"))
        trails.start_logging(Name=name)
        return self.step(
            "trail", name, arn,
            call("cloudtrail:listTags", ResourceIdList=[arn]),
            [call("cloudtrail:stopLogging", Name=arn), call("cloudtrail:deleteTrail", Name=arn)],
            call("cloudtrail:listTrails"),
        )  # fmt: skip

    def machine(self, name: str, definition: Fields | None = None, step: bool = True) -> str:
        definition = definition or {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 9_999, "End": True}}}
        tags = [{"key": key, "value": value} for key, value in self.tags(f"state_machine.{name}").items()]
        arn: str = self.machines.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role, tags=tags
        )["stateMachineArn"]
        if step:
            self.step_of_machine(name, arn)
        return arn

    def step_of_machine(self, name: str, arn: str) -> None:
        running = call("sfn:listExecutions", StateMachineArn=arn, StatusFilter="RUNNING", MaxResults=200)
        self.step(
            "state_machine", name, arn,
            call("sfn:listTagsForResource", ResourceArn=arn),
            [running, call("sfn:deleteStateMachine", StateMachineArn=arn)],
            call("sfn:listStateMachines", MaxResults=400),
        )  # fmt: skip

    def function(self, name: str) -> str:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "def handler(event, context):\n    return 1\n")
        arn = self.arn("lambda", f"function:{name}")
        self.client("lambda").create_function(
            FunctionName=name, Role=self.role, Handler="app.handler", Runtime="python3.13",
            Code={"ZipFile": code.getvalue()}, Tags=self.tags(f"function.{name}"),
        )  # fmt: skip
        return self.step(
            "function", name, arn,
            call("lambda:listTags", Resource=arn),
            [call("lambda:listEventSourceMappings", FunctionName=arn), call("lambda:deleteFunction", FunctionName=arn)],
            call("lambda:listFunctions", MaxItems=10),
        )  # fmt: skip

    def log_group(self, name: str, marked: bool = True) -> str:
        arn = self.arn("logs", f"log-group:{name}")
        tags = {"tags": self.tags(f"log_group.{name}")} if marked else {}
        self.client("logs").create_log_group(logGroupName=name, **tags)
        return self.step(
            "log_group", name, arn,
            call("cloudwatchlogs:listTagsForResource", ResourceArn=arn),
            [call("cloudwatchlogs:deleteLogGroup", LogGroupName=name)],
            call("cloudwatchlogs:describeLogGroups", LogGroupNamePrefix=name, Limit=50),
            **({} if marked else {"unmarked": True}),
        )  # fmt: skip

    def bucket(self, name: str, step: bool = True, **options: Any) -> str:
        bucket, storage = f"lab-{name}-{self.account}-{REGION}", self.client("s3")
        where = {"LocationConstraint": REGION}
        storage.create_bucket(Bucket=bucket, CreateBucketConfiguration=where, **options)
        storage.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": self.pairs(f"bucket.{bucket}")})
        if step:
            self.step_of_bucket(bucket)
        return bucket

    def step_of_bucket(self, bucket: str) -> None:
        self.step(
            "bucket", bucket, f"arn:aws:s3:::{bucket}",
            call("s3:getBucketTagging", Bucket=bucket),
            [
                call("s3:listObjectVersions", Bucket=bucket, MaxKeys=100, EncodingType="url"),
                call("s3:listMultipartUploads", Bucket=bucket, MaxUploads=100),
                call("s3:deleteBucket", Bucket=bucket),
            ],
            call("s3:headBucket", Bucket=bucket),
        )  # fmt: skip

    def table(self, name: str) -> str:
        arn = self.arn("dynamodb", f"table/{name}")
        self.client("dynamodb").create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", Tags=self.pairs(f"table.{name}"),
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
        return self.step(
            "table", name, arn,
            call("dynamodb:listTagsOfResource", ResourceArn=arn),
            [call("dynamodb:deleteTable", TableName=name)],
            call("dynamodb:listTables", Limit=100),
        )  # fmt: skip

    def vault(self, name: str, marked: bool = False) -> str:
        vaults = self.client("glacier")
        vaults.create_vault(vaultName=name)
        if marked:
            vaults.add_tags_to_vault(vaultName=name, Tags=self.tags(f"vault.{name}"))
        own = {"AccountId": "-"}
        return self.step(
            "vault", name, self.arn("glacier", f"vaults/{name}"),
            call("glacier:listTagsForVault", VaultName=name, **own),
            [call("glacier:deleteVault", VaultName=name, **own)],
            call("glacier:listVaults", **own),
            unmarked=True,
        )  # fmt: skip

    def connection(self, name: str) -> str:
        self.client("events").create_connection(
            Name=name, AuthorizationType="API_KEY",
            Description=f"The weather [treino stack={STACK} address=connection.{name} owner={OWNER} secret=1a2b]",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "value"}},
        )  # fmt: skip
        return self.step(
            "connection", name, self.arn("events", f"connection/{name}/*"),
            call("eventbridge:describeConnection", Name=name),
            [call("eventbridge:deleteConnection", Name=name)],
            call("eventbridge:listConnections", NamePrefix=name),
        )  # fmt: skip

    def directory_bucket(self, name: str) -> str:
        bucket = f"lab-{name}-{self.account}--{ZONE}--x-s3"
        arn = self.arn("s3express", f"bucket/{bucket}")
        where = {"Type": "AvailabilityZone", "Name": ZONE}
        kind = {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}
        tags = self.pairs(f"directory_bucket.{bucket}")
        storage = self.client("s3")
        storage.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"Location": where, "Bucket": kind, "Tags": tags}
        )
        storage.put_object(Bucket=bucket, Key="k", Body=b"one")
        return self.step(
            "directory_bucket", bucket, arn,
            call("s3control:listTagsForResource", ResourceArn=arn, AccountId=self.account),
            [
                call("s3:listObjectsV2", Bucket=bucket, MaxKeys=100, EncodingType="url"),
                call("s3:listMultipartUploads", Bucket=bucket, MaxUploads=100),
                call("s3:deleteBucket", Bucket=bucket),
            ],
            call("s3:listDirectoryBuckets", MaxDirectoryBuckets=100),
        )  # fmt: skip

    def topic(self, name: str) -> str:
        arn = self.client("sns").create_topic(Name=name, Tags=self.pairs(f"topic.{name}"))["TopicArn"]
        return self.step(
            "topic", name, arn,
            call("sns:listTagsForResource", ResourceArn=arn),
            [call("sns:deleteTopic", TopicArn=arn)],
            call("sns:listTopics"),
        )  # fmt: skip

    def queue(self, name: str, step: bool = True) -> str:
        self.client("sqs").create_queue(QueueName=name, tags=self.tags(f"queue.{name}"))
        if step:
            self.step_of_queue(name)
        return name

    def step_of_queue(self, name: str) -> None:
        url = f"https://sqs.{REGION}.amazonaws.com/{self.account}/{name}"
        self.step(
            "queue", name, self.arn("sqs", name),
            call("sqs:listQueueTags", QueueUrl=url),
            [call("sqs:deleteQueue", QueueUrl=url)],
            call("sqs:listQueues", QueueNamePrefix=name, MaxResults=1000),
        )  # fmt: skip

    def own_role(self, name: str) -> str:
        path, roles = f"/treino/{STACK}/{REGION}/", self.client("iam")
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        roles.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=policy, Tags=self.pairs(f"role.{name}"))
        allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        roles.put_role_policy(RoleName=name, PolicyName="treino", PolicyDocument=policy)
        managed = roles.create_policy(PolicyName=f"{name}-managed", PolicyDocument=policy)["Policy"]["Arn"]
        roles.attach_role_policy(RoleName=name, PolicyArn=managed)
        of = {"RoleName": name}
        return self.step(
            "role", name, f"arn:aws:iam::{self.account}:role{path}{name}",
            call("iam:listRoleTags", **of),
            [
                call("iam:listRolePolicies", **of),
                call("iam:listAttachedRolePolicies", **of),
                call("iam:deleteRole", **of),
            ],
            call("iam:listRoles", PathPrefix=path, MaxItems=100),
        )  # fmt: skip
