"""A function sees of the disk what it needs, and of the user's files nothing, where the system can hide them."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from functions_support import Local

READS = """
import os
def handler(event, context):
    found = {}
    for path in event:
        try:
            found[path] = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read().decode("latin-1")
        except OSError as error:
            found[path] = type(error).__name__
    return found
"""
WRITES = """
import os
def handler(event, context):
    found = {}
    for path in event:
        try:
            with open(path, "a") as file:
                file.write("x")
            found[path] = "written"
        except OSError as error:
            found[path] = type(error).__name__
    return found
"""


@pytest.fixture(scope="module")
def confinement(local: Local) -> dict[str, Any]:
    found: dict[str, Any] = local.wait()["functions"]["confinement"]
    assert found["landlock"] or found["note"], "what is not hidden is said"
    return found


@pytest.fixture
def hidden(confinement: dict[str, Any]) -> None:
    if not confinement["landlock"]:
        pytest.skip(f"nothing can be hidden here: {confinement['note']}")


def test_health_says_what_is_in_force(local: Local, confinement: dict[str, Any]) -> None:
    found = local.wait()["functions"]
    assert found["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert "note" not in found["python"]
    assert found["aws_sdk_for_node"] is True
    assert confinement["tmp"] in ("private", "shared")


@pytest.mark.usefixtures("hidden")
def test_the_users_files_are_hidden(local: Local, folder: Path) -> None:
    home = Path(os.path.expanduser("~"))
    secret = folder / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    asked = [
        str(path)
        for path in (
            secret,
            home,
            home / ".aws/credentials",
            home / ".bashrc",
            folder,
            local.folder,
            local.folder / "log",
            local.folder / "secret",
            local.folder / "s3_data_dir",
            local.folder / "state_dir",
            f"/proc/{local.front}/environ",
            f"/proc/{local.backend}/environ",
            f"/proc/{os.getpid()}/environ",
            Path(__file__).resolve(),
            "/var",
            "/",
        )
        if os.path.exists(path)
    ]
    assert len(asked) >= 10
    found = local.call(local.make(READS), asked)
    assert {path for path in asked if found[path] not in ("PermissionError", "FileNotFoundError")} == set()


@pytest.mark.usefixtures("hidden")
def test_what_only_root_may_read_is_hidden(local: Local) -> None:
    name = local.make("""
import os
def handler(event, context):
    seen = []
    for folder, _, files in os.walk("/etc"):
        for file in files:
            path = os.path.join(folder, file)
            if os.path.isfile(path) and not os.stat(path).st_mode & 4:
                try:
                    open(path).close()
                    seen.append(path)
                except OSError:
                    pass
    return {"read": seen, "hosts": open("/etc/hosts").read() != ""}
""")
    assert local.call(name) == {"read": [], "hosts": True}


def test_a_link_leads_nowhere_else(local: Local, folder: Path) -> None:
    secret = folder / "linked"
    secret.write_text("secret")
    name = local.make(
        "import os\ndef handler(event, context):\n    os.symlink(event, '/tmp/link')\n"
        "    try: return open('/tmp/link').read()\n    except OSError as error: return type(error).__name__"
    )
    assert local.call(name, str(secret)) == "PermissionError"


def test_the_code_is_read_only_and_tmp_and_home_are_its_own(local: Local, confinement: dict[str, Any]) -> None:
    name = local.make(
        "import os, tempfile\n"
        + WRITES.replace(
            "return found", "return [found, os.getcwd(), os.environ['HOME'], tempfile.gettempdir(), os.listdir('/tmp')]"
        )
    )
    task = local.call(name, [])[1]
    asked = ["own.py", "app.py", f"{task}/sub.txt", "/tmp/mine", "/etc/own", f"{os.path.expanduser('~')}/own"]
    found, directory, home, temporary, listed = local.call(name, asked)
    assert directory == task
    assert home.startswith(str(local.folder))
    assert home != os.path.expanduser("~")
    assert found["/tmp/mine"] == "written"
    assert not [path for path in asked[:3] if found[path] == "written"] or not confinement["landlock"]
    if confinement["landlock"]:
        assert [found[path] for path in asked if path != "/tmp/mine"] == ["PermissionError"] * 5
    if confinement["tmp"] == "private":
        assert "mine" in listed
        assert temporary == "/tmp"
        assert not Path("/tmp/mine").exists()
        with tempfile.NamedTemporaryFile(dir="/tmp") as other:
            seen = local.call(local.make("import os\ndef handler(e, c): return os.listdir('/tmp')"))
            assert "mine" not in seen
            assert Path(other.name).name not in seen


def test_what_it_needs_is_there(local: Local) -> None:
    name = local.make("""
import ctypes, hashlib, multiprocessing, socket, sqlite3, ssl, subprocess, sys, tempfile, zoneinfo
import boto3
def handler(event, context):
    ssl.create_default_context()
    with tempfile.NamedTemporaryFile() as file:
        sqlite3.connect(file.name).execute("create table a (b)")
    boto3.client("s3").list_buckets()
    return [subprocess.run(["sh", "-c", "cat app.py | wc -l"], capture_output=True, text=True).returncode,
            subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).returncode,
            socket.gethostbyname("localhost"), open("/dev/null").read(), len(open("/dev/urandom", "rb").read(8))]
""")
    assert local.call(name) == [0, 0, "127.0.0.1", "", 8]
