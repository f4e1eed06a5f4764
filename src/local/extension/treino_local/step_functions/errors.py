"""What ends a state: an error with its cause, which may be retried and caught, or an interruption from outside."""

from __future__ import annotations

RUNTIME = "States.Runtime"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
DATA_LIMIT = "States.DataLimitExceeded"
QUERY = "States.QueryEvaluationError"
INTRINSIC = "States.IntrinsicFailure"
PARAMETER_PATH = "States.ParameterPathFailure"
THRESHOLD = "States.ExceedToleratedFailureThreshold"
READER = "States.ItemReaderFailed"
WRITER = "States.ResultWriterFailed"
NESTED = "States.TaskFailed"


class StateError(Exception):
    """An error as a service, a function or a Fail state named it; its cause is shown as it is."""

    # Whether neither Retry nor Catch is asked, whatever they name.
    terminal = False

    def __init__(self, error: str | None, cause: str | None = None, also: tuple[str, ...] = ()) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        # Other names under which Retry and Catch know it.
        self.also = also


class OwnError(StateError):
    """An error of Step Functions itself: its cause begins with the state in which it arose."""

    def __init__(self, error: str, cause: str, terminal: bool | None = None) -> None:
        super().__init__(error, cause)
        self.terminal = error == RUNTIME if terminal is None else terminal
        self.placed = False

    def place(self, state: str, entered: int | None) -> None:
        """Names the state in the cause, once: the innermost one does."""
        if self.placed:
            return
        self.placed = True
        where = "" if entered is None else f" (entered at the event id #{entered})"
        self.cause = f"An error occurred while executing the state '{state}'{where}. {self.cause}"


class EvaluationError(OwnError):
    """A JSONata expression that fails, with the field it stands in."""

    def __init__(self, cause: str, location: str | None = None) -> None:
        super().__init__(QUERY, cause)
        self.location = location
        self.recorded = False


class Interrupted(Exception):
    """The execution, or the state around this one, has ended: nothing more is done or recorded."""
