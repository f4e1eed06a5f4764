"""Which interpreters functions run on, what of the disk these need, and how far functions can be confined.

TREINO_LOCAL_FUNCTION_PYTHON=FILE   the Python of a virtual environment with boto3 alone
TREINO_LOCAL_NODE_MODULES=FOLDER    a node_modules with the AWS SDK for JavaScript v3; may be missing
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import Any

from treino_local.functions import confine

FOLDER = os.path.dirname(os.path.abspath(__file__))
PYTHON_VARIABLE = "TREINO_LOCAL_FUNCTION_PYTHON"
NODE_VARIABLE = "TREINO_LOCAL_NODE_MODULES"

_LIMIT_SECONDS = 60

_ASK_PYTHON = """
import json, os, sys, sysconfig
import ctypes, sqlite3, ssl, zlib
try:
    with open("/proc/self/maps") as file:
        mapped = [line.split(None, 5)[5].strip() for line in file if line.count("/")]
except OSError:
    mapped = []
paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
paths += [sys.executable, os.path.realpath(sys.executable), os.path.join(sys.prefix, "pyvenv.cfg"), *sys.path]
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable,
                  "paths": sorted(p for p in {*paths, *mapped} if p.startswith("/"))}))
"""
_ASK_NODE = """
let mapped = [];
try {
  mapped = require("fs").readFileSync("/proc/self/maps", "utf8").split("\\n")
    .filter(line => line.includes("/")).map(line => line.slice(line.indexOf("/")));
} catch (e) {}
console.log(JSON.stringify({version: process.versions.node, executable: process.execPath,
                            paths: [...new Set([process.execPath, ...mapped])].sort()}));
"""


class Missing(Exception):
    """An interpreter that a function needs is not there; says so and what to do."""


@dataclass(frozen=True)
class Interpreter:
    version: str
    executable: str
    paths: tuple[str, ...]
    note: str


@functools.lru_cache
def python() -> Interpreter:
    named = os.environ.get(PYTHON_VARIABLE, "")
    note = ""
    if not named:
        note = f"{PYTHON_VARIABLE} is not set: functions see the packages of the local AWS itself"
    return _asked([named or sys.executable, "-I", "-B", "-c", _ASK_PYTHON], "Python", note)


@functools.lru_cache
def node() -> Interpreter:
    found = shutil.which("node")
    if found is None:
        raise Missing("Node.js is not installed: a function of a nodejs runtime needs the command `node`")
    return _asked([found, "-e", _ASK_NODE], "Node.js", "")


def _asked(command: list[str], name: str, note: str) -> Interpreter:
    try:
        # Outside of any folder with settings of its own: version managers look for them.
        asked = subprocess.run(
            command, capture_output=True, check=True, timeout=_LIMIT_SECONDS, stdin=subprocess.DEVNULL, cwd="/"
        )
        answer = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise Missing(f"{name} for functions cannot be used: {command[0]}: {error}") from error
    return Interpreter(answer["version"], answer["executable"], tuple(answer["paths"]), note)


def node_modules() -> str | None:
    """The folder with the AWS SDK, if it is there now: it may be installed later."""
    named = os.environ.get(NODE_VARIABLE, "")
    return named if named and os.path.isdir(os.path.join(named, "@aws-sdk")) else None


def has_sdk(runtime: str) -> bool:
    """AWS's nodejs18.x and later have the SDK v3; earlier ones had v2."""
    found = re.fullmatch(r"nodejs(\d+)\.x", runtime)
    return found is not None and int(found[1]) >= 18


@functools.lru_cache
def confinement() -> dict[str, Any]:
    """What is in force for functions on this machine: tried once, with the interpreter they run on."""
    if not confine.landlock_version():
        why = "this kernel has no Landlock" if sys.platform.startswith("linux") else "Landlock is Linux's alone"
        return {"landlock": 0, "tmp": _tried(False)["tmp"], "note": f"functions can read the user's files: {why}"}
    tried = _tried(True)
    if tried["works"]:
        return {"landlock": tried["landlock"], "tmp": tried["tmp"]}
    note = "functions can read the user's files: their Python does not start under Landlock"
    return {"landlock": 0, "tmp": _tried(False)["tmp"], "note": note}


def _tried(landlock: bool) -> dict[str, Any]:
    interpreter = python()
    code = (
        "import json, subprocess, sys; sys.path.insert(0, sys.argv[1]); import confine; "
        "plan = json.loads(sys.argv[2]); found = confine.apply(plan); "
        "run = subprocess.run([plan['python'], '-I', '-B', '-c', 'import ctypes, json, sqlite3, ssl, socket'], "
        "stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
        "print(json.dumps({**found, 'works': run.returncode == 0}))"
    )
    with tempfile.TemporaryDirectory(prefix="function-probe-") as folder:
        plan = {
            "tmp": folder,
            "writable": [folder],
            "readable": list(interpreter.paths),
            "landlock": landlock,
            "python": interpreter.executable,
        }
        try:
            asked = subprocess.run(
                [sys.executable, "-I", "-S", "-B", "-c", code, FOLDER, json.dumps(plan)],
                capture_output=True,
                check=True,
                timeout=_LIMIT_SECONDS,
                stdin=subprocess.DEVNULL,
            )
            answer: dict[str, Any] = json.loads(asked.stdout)
            return answer
        except (OSError, subprocess.SubprocessError, ValueError):
            return {"landlock": 0, "tmp": "shared", "works": False}


_found: dict[str, Any] = {}


def look() -> None:
    """Asks the interpreters now, so that neither the first function nor the health waits for them."""
    threading.Thread(target=lambda: _found.update(_look()), name="treino-runtimes", daemon=True).start()


def _look() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, interpreter in (("python", python), ("node", node)):
        try:
            known = interpreter()
            found[name] = {"version": known.version, **({"note": known.note} if known.note else {})}
        except Missing as missing:
            found[name] = {"note": str(missing)}
    try:
        found["confinement"] = confinement()
    except Missing:
        found["confinement"] = {"note": "unknown: there is no Python for functions"}
    return found


def health() -> dict[str, Any]:
    """For the local AWS's health; empty until it is known."""
    return {**_found, "aws_sdk_for_node": node_modules() is not None} if _found else {}
