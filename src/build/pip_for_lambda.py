"""pip for another Python than the one that runs it.

pip selects wheels for the Python that its options name, but evaluates conditions (`; python_version < "3.12"`) for its
own: https://github.com/pypa/pip/issues/11664. Here they are evaluated for the function's runtime.
"""

import json
import runpy
import sys
from typing import Any

from pip._vendor.packaging import markers

target: dict[str, str] = json.loads(sys.argv[1])
own = markers.default_environment


def of_target() -> Any:
    return {**own(), **target}


markers.default_environment = of_target
if not markers.Marker(f"python_full_version == '{target['python_full_version']}'").evaluate():
    sys.exit("this pip cannot install for another Python")
sys.argv = ["pip", *sys.argv[2:]]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
