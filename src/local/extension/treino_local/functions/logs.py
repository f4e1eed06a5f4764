"""A function's log: a stream for each of its processes, its lines dated when they are printed."""

import os
import secrets
import time
from typing import Any

from ministack.services import cloudwatch_logs

from treino_local.functions import environment

# AWS keeps all of it. Here the local AWS holds it in memory.
MOST_OF_INVOCATION = 4 * 1024 * 1024
# What CloudWatch takes as one event; Lambda cuts longer lines.
MOST_OF_EVENT = 256 * 1024 - 26
_GOES_ON = b"\x1e"

Event = tuple[int, str]


def now() -> int:
    return int(time.time() * 1000)


class Stream:
    """Where one process's events go, as `2026/11/28/[$LATEST]0123...`."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.group = environment.log_group(config)
        version = config.get("Version", "$LATEST")
        self.name = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{version}]{secrets.token_hex(16)}"

    def write(self, events: list[Event]) -> None:
        """In the account and the region of the function, which the calling thread has set."""
        if not events:
            return
        received = now()
        groups = cloudwatch_logs._log_groups
        if self.group not in groups:
            groups[self.group] = {
                "arn": cloudwatch_logs._make_group_arn(self.group),
                "creationTime": received,
                "retentionInDays": None,
                "tags": {},
                "subscriptionFilters": {},
                "streams": {},
            }
        stream = groups[self.group]["streams"].setdefault(
            self.name,
            {
                "events": [],
                "uploadSequenceToken": "1",
                "creationTime": received,
                "firstEventTimestamp": None,
                "lastEventTimestamp": None,
                "lastIngestionTime": None,
            },
        )
        stored = [{"timestamp": at, "message": text, "ingestionTime": received} for at, text in events]
        cloudwatch_logs._append_log_events(stream, stored)
        sent = [{"timestamp": at, "message": text} for at, text in events]
        cloudwatch_logs._fanout_to_subscription_filters(self.group, self.name, sent)
        cloudwatch_logs._fanout_to_live_tail_sessions(self.group, self.name, stored)


class Output:
    """Cuts what a process prints into events, and the flood off."""

    def __init__(self) -> None:
        self._begun = bytearray()
        self._taken = 0

    def begin(self) -> None:
        """A new invocation."""
        self._taken = 0

    def feed(self, data: bytes) -> list[Event]:
        if self._taken > MOST_OF_INVOCATION:
            return []
        self._taken += len(data)
        self._begun += data
        events: list[Event] = []
        at = now()
        start = 0
        while (end := self._begun.find(b"\n", start)) >= 0:
            if end > 0 and self._begun[end - 1 : end] == _GOES_ON:
                self._begun[end - 1 : end] = b""
                start = end
                continue
            events += _events(at, bytes(self._begun[: end + 1]))
            del self._begun[: end + 1]
            start = 0
        if len(self._begun) >= MOST_OF_EVENT:
            events += self.rest()
        if self._taken > MOST_OF_INVOCATION:
            events += self.rest()
            limit = MOST_OF_INVOCATION // (1024 * 1024)
            events.append((at, f"[treino] more than {limit} MB in one invocation: the rest is not kept here\n"))
        return events

    def rest(self) -> list[Event]:
        """The line that has no end yet."""
        begun, self._begun = bytes(self._begun), bytearray()
        return _events(now(), begun)


def _events(at: int, line: bytes) -> list[Event]:
    parts = [line[start : start + MOST_OF_EVENT] for start in range(0, len(line), MOST_OF_EVENT)]
    return [(at, part.decode("utf-8", "replace")) for part in parts if part.strip(b"\r\n")]


def peak_memory(pid: int) -> int:
    """The most a process has taken, in bytes; 0 where that cannot be read."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def memory(pid: int) -> int:
    """What a process and its descendants take now, without what they share with others; 0 where it cannot be read."""
    total = 0
    try:
        with open(f"/proc/{pid}/statm") as file:
            _, resident, shared = map(int, file.read().split()[:3])
        total = (resident - shared) * os.sysconf("SC_PAGE_SIZE")
        for child in children(pid):
            total += memory(child)
    except (OSError, ValueError):
        pass
    return total


def children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []
