"""What MiniStack does not write down though it is needed again: sessions' keys, and events no log file holds yet."""

from __future__ import annotations

import sys
from typing import Any

from ministack import app
from ministack.services import sts

from treino_local import patching
from treino_local.cloudtrail import trail_logs
from treino_local.s3 import directory_sessions

NAME = "treino"


def install() -> None:
    patching.of(sts, "_sessions", dict)
    patching.of(app, "SERVICE_REGISTRY", dict)[NAME] = {"module": NAME}
    patching.of(app, "_state_map", dict)[NAME] = NAME
    patching.of(app, "_loaded_modules", dict)[NAME] = sys.modules[__name__]


def reset() -> None:
    """MiniStack's and the additions' own do it."""


def get_state() -> dict[str, Any]:
    return {
        "sessions": dict(sts._sessions),
        "directory_sessions": dict(directory_sessions._sessions),
        "waiting": [[*key, *value] for key, value in list(trail_logs._waiting.items())],
    }


def load_persisted_state(data: dict[str, Any]) -> None:
    sts._sessions.update(data["sessions"])
    directory_sessions._sessions.update(data["directory_sessions"])
    for _, region, trail, events in data["waiting"]:
        for event in events:
            trail_logs.add(trail, region, event)
