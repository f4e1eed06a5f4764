"""A running local AWS, with clients for it."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

EXTENSION = Path(__file__).parents[2] / "src" / "local" / "extension"
ACCOUNT = "123456789012"
REGION = "eu-central-1"


def environment(folder: Path) -> dict[str, str]:
    """Where MiniStack keeps its files."""
    places = {}
    for name in ("S3_DATA_DIR", "STATE_DIR", "TMPDIR"):
        place = folder / name.lower()
        place.mkdir(exist_ok=True)
        places[name] = str(place)
    return {**places, "PYTHONDONTWRITEBYTECODE": "1"}


class LocalAws:
    """A local AWS of its own process, port and folder."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self._secret = secrets.token_hex(20)
        secret_file = folder / "secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(self._secret)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self._log = folder / "log"
        own = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "TREINO_LOCAL_SECRET_FILE": str(secret_file),
            "TREINO_LOCAL_WATCH_STDIN": "1",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(EXTENSION / "main.py")],
                env={**os.environ, **environment(folder), **own, **variables},
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> dict[str, Any]:
        """Until it answers; what it says of itself."""
        while True:
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_treino/health", timeout=60) as answer:
                    health: dict[str, Any] = json.load(answer)
                    return health
            except (urllib.error.URLError, OSError):
                ended = self._process.poll()
                if ended is not None:
                    pytest.fail(f"the local AWS ended with {ended}:\n{self.log()}")
                time.sleep(0.1)

    def client(self, service: str, key: str = ACCOUNT, region: str = REGION, secret: str = "", token: str = "") -> Any:
        """A boto3 client, as the root of the account that is the key, or with a key and secret of a user."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret or self._secret,
            aws_session_token=token or None,
            config=Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                read_timeout=300,
                max_pool_connections=100,
            ),
        )

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)
