"""Large objects, which are not held in memory: they come from a file and go out of one, a piece at a time."""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
from typing import Any

from ministack import app
from ministack.services import s3

from treino_local import patching
from treino_local.iam.payload import IN_MEMORY, Mapped

PIECE = 256 * 1024


def install() -> None:
    pass
