"""A function's code and layers on disk: unpacked once, read-only, shared by its processes; and each process's own."""

import hashlib
import io
import os
import shutil
import stat
import tempfile
import threading
import zipfile
from typing import Any

from ministack.services import lambda_svc

from treino_local.functions import runtimes

_lock = threading.Lock()
_uses: dict[str, int] = {}


class Code:
    """The unpacked code; `release` removes it with its last user."""

    def __init__(self, config: dict[str, Any], code_zip: bytes) -> None:
        runtime = str(config.get("Runtime", ""))
        layers = [content for content in map(_layer, config.get("Layers") or []) if content]
        self.modules = runtimes.node_modules() if runtimes.has_sdk(runtime) else None
        digest = hashlib.sha256(f"{self.modules}\0".encode())
        for content in (code_zip, *layers):
            digest.update(hashlib.sha256(content).digest())
        self.root = os.path.join(tempfile.gettempdir(), f"function-code-{os.getpid()}-{digest.hexdigest()[:24]}")
        self.task = os.path.join(self.root, "task")
        # As AWS does it: one folder for all layers, the later over the earlier.
        self.opt = os.path.join(self.root, "opt")
        with _lock:
            if not _uses.get(self.root):
                self._unpack(code_zip, layers)
            _uses[self.root] = _uses.get(self.root, 0) + 1

    def _unpack(self, code_zip: bytes, layers: list[bytes]) -> None:
        remove(self.root)
        try:
            for folder, contents in ((self.task, [code_zip]), (self.opt, layers)):
                os.makedirs(folder)
                for content in contents:
                    unpack(content, folder)
                _make_read_only(folder)
            if self.modules:
                # Where Node.js looks, upwards from the code, for `import` as for `require`.
                os.symlink(self.modules, os.path.join(self.root, "node_modules"))
        except BaseException:
            remove(self.root)
            raise

    def release(self) -> None:
        with _lock:
            _uses[self.root] -= 1
            if not _uses[self.root]:
                del _uses[self.root]
                remove(self.root)


def of_process() -> str:
    """A folder of one process: `tmp` is what it finds as /tmp where that can be, `home` its HOME."""
    folder = tempfile.mkdtemp(prefix="function-")
    for name in ("tmp", "home"):
        os.mkdir(os.path.join(folder, name))
    return folder


def unpack(content: bytes, folder: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, folder)
            mode = entry.external_attr >> 16
            if mode & 0o111 and not os.path.isdir(path):
                os.chmod(path, 0o755)


def _layer(layer: Any) -> bytes:
    return lambda_svc._resolve_layer_zip(layer) or b""


def _make_read_only(folder: str) -> None:
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = os.path.join(place, name)
            os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o222)
        os.chmod(place, 0o555)


def remove(folder: str) -> None:
    """With what its owner may not write."""
    if not os.path.isdir(folder):
        return
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o755)
    shutil.rmtree(folder, ignore_errors=True)
