"""The extension is found where it lies."""

import sys
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[2] / "src" / "local" / "extension"
sys.path.insert(0, str(EXTENSION))
