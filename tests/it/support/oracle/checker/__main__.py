"""Checks requests against the models of their services, as botocore carries them.

Standard input has frames: a line of JSON and, for a request, its body. Standard output has a line of JSON for each
question. It ends with its input.
"""

import json
import sys
from collections import defaultdict
from typing import Any, BinaryIO

import operations
import rules
from request import Request


def findings(found: operations.Parsed | str) -> list[str]:
    """What the model of the service does not allow; each names operation, member and rule."""
    if isinstance(found, str):
        return [found]
    wrong = found.wrong + rules.broken(found.model, found.shape, found.parameters)
    return [f"{found.name}: {what}" for what in wrong]


def answer(frames: BinaryIO) -> None:
    """Answers until there are no more frames."""
    counts: dict[int, int] = defaultdict(int)
    wrong: dict[int, list[str]] = defaultdict(list)
    calls: dict[int, list[Any]] = defaultdict(list)
    for line in frames:
        frame: dict[str, Any] = json.loads(line)
        sender: int = frame["sender"]
        if "method" in frame:
            body = frames.read(frame["length"])
            found = operations.parsed(Request(frame["method"], frame["path"], dict(frame["headers"]), body))
            wrong[sender] += findings(found)
            counts[sender] += 1
            if frame["kept"] and not isinstance(found, str):
                calls[sender].append([found.model.name, found.operation, found.parameters])
        else:
            verdict = {
                "requests": counts.pop(sender, 0),
                "findings": wrong.pop(sender, []),
                "calls": calls.pop(sender, []),
            }
            # Of what is not valid JSON, such as an object's content, that it is there.
            print(json.dumps(verdict, default=lambda _: "(bytes)"), flush=True)


if __name__ == "__main__":
    answer(sys.stdin.buffer)
