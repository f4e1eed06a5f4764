"""A local AWS of its own for the tests of functions, and functions made by its API."""

import contextlib
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from processes import Killable, wait_for
from support import ACCOUNT


class Local(Killable):
    """One local AWS, outside of /tmp as it is with a user."""

    def __init__(self, folder: Path, **variables: str) -> None:
        super().__init__(folder, **{"LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1", "USER": "somebody", **variables})
        self.folder = folder
        self.ready()
        # Which interpreters there are is found beside the first requests.
        wait_for(lambda: self.wait()["functions"])
        self.functions, self.logs = self.client("lambda"), self.client("logs")
        self._made = 0

    def make(
        self, code: str | dict[str, str], handler: str = "app.handler", runtime: str = "python3.13", **options: Any
    ) -> str:
        files = (
            {f"{handler.split('.')[0]}.{'py' if runtime.startswith('python') else 'js'}": code}
            if isinstance(code, str)
            else code
        )
        self._made += 1
        name = f"f{self._made}"
        self.functions.create_function(
            FunctionName=name,
            Role=f"arn:aws:iam::{ACCOUNT}:role/x",
            Handler=handler,
            Runtime=runtime,
            Code={"ZipFile": zipped(files)},
            **{"MemorySize": 256, "Timeout": 30, **options},
        )
        # The waiter of boto3 looks once a second.
        wait_for(lambda: self.functions.get_function_configuration(FunctionName=name)["State"] == "Active")
        return name

    def raw(self, name: str, event: Any = None, **options: Any) -> tuple[str | None, str]:
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event), **options)
        return answer.get("FunctionError"), answer["Payload"].read().decode()

    def call(self, name: str, event: Any = None, **options: Any) -> Any:
        error, text = self.raw(name, event, **options)
        assert error is None, text
        return json.loads(text)

    def fail(self, name: str, event: Any = None) -> dict[str, Any]:
        error, text = self.raw(name, event)
        assert error == "Unhandled", text
        found: dict[str, Any] = json.loads(text)
        return found

    def events(self, name: str) -> list[dict[str, Any]]:
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        try:
            return [event for page in pages for event in page["events"]]
        except self.logs.exceptions.ResourceNotFoundException:
            return []

    def messages(self, name: str) -> list[str]:
        return [event["message"] for event in self.events(name)]

    def memory(self) -> int:
        """What the backend's process takes now, in bytes."""
        for line in Path(f"/proc/{self.backend}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


class Meeting:
    """Where invocations wait for each other: each connects, and goes on when all are let go."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=count)
        self.port: int = self._listening.getsockname()[1]

    @contextlib.contextmanager
    def there(self) -> Iterator[None]:
        """From when all of them are there; then they are let go."""
        there = [self._listening.accept()[0] for _ in range(self._count)]
        yield
        for each in there:
            each.close()

    def let_go(self) -> None:
        with self.there():
            pass

    def __enter__(self) -> "Meeting":
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()


# In a function's code: waits at the meeting of this port.
MEET = """
import socket
def meet(port):
    with socket.create_connection(("127.0.0.1", port)) as there:
        there.recv(1)
"""


def zipped(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return content.getvalue()


def processes_of(pid: int) -> int:
    """The descendants of a process."""
    found, waiting = 0, [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                children = [int(child) for child in task.read_text().split()]
                found += len(children)
                waiting += children
    return found
