"""What the interpreter asks of the rest of the local AWS; the tests answer it themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from treino_local.step_functions.callbacks import Callback
from treino_local.step_functions.scopes import Scope

if TYPE_CHECKING:
    from treino_local.step_functions.execution import Execution


@dataclass
class Call:
    """One attempt of a task."""

    # The ARN without what the task waits for, `.sync` or `.waitForTaskToken`.
    resource: str
    # "", "sync", "sync:2" or "waitForTaskToken".
    waits: str
    arguments: Any
    scope: Scope
    # Called with the service's first answer by what waits for more.
    submitted: Callable[[Any], None]


class MapRun(Protocol):
    """The run of a distributed Map state."""

    arn: str

    def begin(self, items: int, executions: int) -> None:
        """So many items have been read."""

    def child(self, text: str, items: int) -> Execution:
        """The execution of one item or batch, with its input."""

    def ended(self, child: Execution, items: int) -> None: ...

    def close(self, status: str) -> None: ...


@dataclass
class Limits:
    """What a map run is described with."""

    concurrency: int
    percentage: float
    count: int


class Services(Protocol):
    @property
    def region(self) -> str: ...

    @property
    def scale(self) -> float:
        """How long a second of a Wait state or before a retry is."""

    def call(self, call: Call) -> Any:
        """The task's result; raises StateError."""

    def wait_for(self, token: str, callback: Callback) -> None:
        """SendTaskSuccess and the like with this token reach the callback."""

    def forget(self, token: str) -> None: ...

    def offer(self, activity: str, token: str, text: str) -> bool:
        """Gives a task to the workers of an activity; False where there is no such activity."""

    def withdraw(self, activity: str, token: str) -> None: ...

    def open_map_run(
        self, execution: Execution, processor: dict[str, Any], label: str | None, limits: Limits
    ) -> MapRun: ...

    def read_object(self, bucket: str, key: str) -> bytes:
        """Raises LookupError, with what S3 says."""

    def list_objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]: ...

    def write_object(self, bucket: str, key: str, content: bytes) -> None: ...
