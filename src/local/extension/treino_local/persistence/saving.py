"""What the local AWS holds is written down within about a second of its change, and read again at its start.

MiniStack saves at a clean end alone. Here, a service that was touched is saved soon after, beside the requests, and
only where it reads otherwise than what was written last. One whose state takes long to write is written less often.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from ministack import app
from ministack.core import persistence
from ministack.services import lambda_svc, sqs

import treino_local
from treino_local import patching, process
from treino_local.front.backend import REFUSED
from treino_local.persistence import additions, settling
from treino_local.sqs import messages
from treino_local.step_functions import history

# The form of what is written by the additions and of this file's own; another one is not read.
FORMAT = 1
INTERVAL = 1.0
# Longer, in seconds, than any copy takes.
_LONG = 60.0
# The share of time that saving one service may take.
SHARE = 10

# What a request to these changes is theirs alone; others start functions, executions and deliveries.
_ALONE = frozenset({"iam", "sts", "logs", "secretsmanager", "ssm", "kms", "glacier", "cloudtrail"})
_READS = ("Get", "List", "Describe", "Query", "Scan", "Filter", "BatchGet", "Lookup", "Head", "Simulate")
_EVERYTHING = ""

_mark = Path("written-by.json")
_touched: set[str] = set()
_lock = threading.Lock()
_wake = threading.Event()
_saving = threading.Lock()
_afterwards: list[Callable[[], None]] = []


class _Written:
    """What was written of a service last, and when the next time is."""

    digest: bytes = b""
    next: float = 0.0


_written: dict[str, _Written] = {}
# Why a service's last save failed, by its name; under "", why nothing could be saved.
_failed: dict[str, str] = {}


def install() -> None:
    patching.function(app, "_build_persistence_save_dict")
    patching.function(app, "_get_module", "name")
    patching.function(persistence, "_json_default", "obj")
    patching.function(persistence, "_json_object_hook", "obj")
    patching.function(persistence, "_state_format_version", "service")
    patching.of(app, "_state_map", dict)
    additions.install()
    if not persistence.PERSIST_STATE:
        return

    @patching.wrap(app, "_load_persisted_state")
    def load_persisted_state(original: Any) -> None:
        load()
        threading.Thread(target=_run, name="treino-saving", daemon=True).start()

    @patching.wrap(app, "save_all", "services")
    def never(original: Any, services: Any) -> None:
        # `process.close` has saved, with every error told.
        pass

    history.listeners.append(event_added)
    messages.listeners.append(lambda: touch("sqs"))

    for name in ("_receive_messages_for_esm", "_delete_messages_for_esm"):

        @patching.wrap(sqs, name, "queue_url")
        def for_a_mapping(original: Any, *arguments: Any, **options: Any) -> Any:
            found = original(*arguments, **options)
            if found is None or found:
                touch("sqs")
            return found

    @patching.wrap(lambda_svc, "_prune_orphan_code_blobs", "referenced")
    def prune_orphan_code_blobs(original: Any, referenced: set[str]) -> None:
        # Until the new state is written, the old one needs its code.
        _afterwards.append(lambda: original(referenced))

    @patching.wrap(lambda_svc, "_emit_lambda_logs", "func", "request_id", "log_text")
    def emit_lambda_logs(original: Any, *arguments: Any, **options: Any) -> Any:
        # Also of invocations that nobody waits for.
        touch("cloudwatch_logs")
        return original(*arguments, **options)


def event_added(kind: str) -> None:
    """An execution went on: what its tasks call does not come as a request."""
    touch(_EVERYTHING if kind.startswith(("Execution", "Lambda", "Task")) else "stepfunctions")


def watched(application: Any) -> Any:
    """The ASGI application, after whose changes is saved."""

    async def watch(scope: Any, receive: Any, send: Any) -> None:
        try:
            await application(scope, receive, send)
        finally:
            if scope["type"] == "http" and persistence.PERSIST_STATE:
                headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
                touch(*_changed(scope["method"], scope["path"], headers))

    return watch


def _changed(method: str, path: str, headers: Mapping[bytes, str]) -> tuple[str, ...]:
    operation = headers.get(b"x-amz-target", "").rpartition(".")[2]
    if method in ("GET", "HEAD", "OPTIONS") or operation.startswith(_READS):
        return ()
    scope = headers.get(b"authorization", "").partition("Credential=")[2].split("/")
    service = scope[3] if len(scope) > 3 else ""
    if service not in _ALONE:
        return (_EVERYTHING,)
    module = {"logs": "cloudwatch_logs"}.get(service, service)
    return (module, "cloudtrail")


def touch(*modules: str) -> None:
    """Says that these modules of MiniStack's, or with "" all, may have changed."""
    if modules:
        with _lock:
            _touched.update(modules)
        _wake.set()


def _run() -> None:
    while True:
        _wake.wait()
        time.sleep(INTERVAL)
        _wake.clear()
        try:
            left = _save_touched()
            _failed.pop(_EVERYTHING, None)
        except Exception as error:
            _failed[_EVERYTHING] = _reason(error)
            print(f"persistence: nothing could be saved, and is tried again: {error!r}\n", end="", flush=True)
            touch(_EVERYTHING)
            left = False
        if left:
            _wake.set()


def _save_touched() -> bool:
    """Saves what was touched and is due; whether something was not due."""
    with _lock:
        touched = set(_touched)
        _touched.clear()
    now, left = time.monotonic(), False
    for name, get_state in app._build_persistence_save_dict().items():
        if not touched & {_EVERYTHING, name, app._state_map[name]}:
            continue
        if _written.setdefault(name, _Written()).next > now:
            left = True
            with _lock:
                _touched.add(name)
        else:
            _save(name, get_state)
    return left


def save_all() -> None:
    """Saves everything now."""
    if persistence.PERSIST_STATE:
        for name, get_state in app._build_persistence_save_dict().items():
            _save(name, get_state)


def _save(name: str, get_state: Callable[[], Any]) -> None:
    began = time.monotonic()
    with _saving:
        written = _written.setdefault(name, _Written())
        try:
            text = _text(name, get_state)
            digest = hashlib.sha256(text).digest() if text is not None else written.digest
            if text is not None and digest != written.digest:
                _write(Path(persistence.STATE_DIR) / f"{name}.json", text)
                written.digest = digest
            while _afterwards:
                _afterwards.pop()()
            _failed.pop(name, None)
        except Exception as error:
            _failed[name] = _reason(error)
            # Said as often as it happens, since what is not written is lost with the process.
            print(f"persistence: {name} could not be saved, and is tried again: {error!r}\n", end="", flush=True)
            touch(name)
        written.next = time.monotonic() + SHARE * (time.monotonic() - began)


def unsaved() -> str | None:
    """Why the last save of a service failed, in one sentence; None when all is saved."""
    failed = dict(_failed)
    if not failed:
        return None
    names = ", ".join(sorted(name or "anything" for name in failed))
    reasons = ", ".join(sorted(set(failed.values())))
    return f"What the local AWS holds of {names} could not be saved ({reasons}) and is lost if it ends now."


def _reason(error: Exception) -> str:
    # No paths, as whoever asks for the health is told it.
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _text(name: str, get_state: Callable[[], Any]) -> bytes | None:
    try:
        return _copied(name, get_state)
    except RuntimeError:
        # It changed under the hand that copied it, and will again where much goes on: nothing else runs meanwhile.
        before = sys.getswitchinterval()
        sys.setswitchinterval(_LONG)
        try:
            return _copied(name, get_state)
        finally:
            sys.setswitchinterval(before)


def _copied(name: str, get_state: Callable[[], Any]) -> bytes | None:
    state = get_state()
    if state is None:
        return None
    whole = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
    return json.dumps(whole, default=persistence._json_default).encode("utf-8", "surrogatepass")


def _write(path: Path, text: bytes) -> None:
    if not (path.parent / _mark).exists() and path.name != str(_mark):
        _write(path.parent / _mark, json.dumps(_version()).encode())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def _version() -> dict[str, object]:
    return {"ministack": treino_local.MINISTACK, "format": FORMAT}


def load() -> None:
    """Reads what was written, or ends the process: going on with less than there was would lose the rest."""
    folder = Path(persistence.STATE_DIR)
    files = sorted(path for path in folder.glob("*.json") if path.name != str(_mark)) if folder.is_dir() else []
    if not files:
        return
    try:
        version = json.loads((folder / _mark).read_bytes())
    except (OSError, ValueError):
        version = None
    if version != _version():
        by = f"MiniStack {version.get('ministack')}" if isinstance(version, dict) else "another version"
        _refuse(f"The data in {folder} was written by {by} and cannot be read by MiniStack {treino_local.MINISTACK}")
    for path in files:
        module = app._state_map.get(path.stem)
        try:
            if module is None:
                raise ValueError("no service keeps its data so")
            state = json.loads(
                path.read_bytes().decode("utf-8", "surrogatepass"), object_hook=persistence._json_object_hook
            )
            app._get_module(module).load_persisted_state(state["payload"])
        except Exception as error:
            _refuse(f"The data in {path} cannot be read ({error!r})")
    settling.settle()


def _refuse(why: str) -> NoReturn:
    print(f"{why}. `treino local down` deletes it, and all stacks in it.", file=sys.stderr, flush=True)
    process.leave(REFUSED)
