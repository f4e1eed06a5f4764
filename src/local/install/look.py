"""Whether the packages of these lists are in this environment, in their versions, and can be imported."""

import importlib
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Iterator

from pip._vendor.packaging.requirements import Requirement


def modules(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    for file in distribution.files or ():
        name = file.parts[0] if len(file.parts) == 2 and file.name == "__init__.py" else file.stem
        if file.suffix == ".py" and (len(file.parts) == 1 or file.name == "__init__.py") and name.isidentifier():
            if len(file.parts) <= 2:
                yield name


def check(requirement: Requirement, whole: bool) -> None:
    distribution = importlib.metadata.distribution(requirement.name)
    if not requirement.specifier.contains(distribution.version, prereleases=True):
        raise ImportError(f"{requirement.name} is {distribution.version}")
    place = os.path.realpath(str(distribution.locate_file("")))
    if not place.startswith(os.path.realpath(sys.prefix)):
        raise ImportError(f"{requirement.name} is in {place}")
    for name in modules(distribution):
        if whole:
            importlib.import_module(name)
        elif importlib.util.find_spec(name) is None:
            raise ImportError(f"{name} is missing")


def main(how: str, *lists: str) -> None:
    for path in lists:
        with open(path, encoding="utf-8") as file:
            lines = file.read().replace("\\\n", " ").splitlines()
        for line in lines:
            line = line.split("--hash=")[0].strip()
            if line and not line.startswith(("#", "-")):
                requirement = Requirement(line)
                if not requirement.marker or requirement.marker.evaluate():
                    check(requirement, how == "import")


main(*sys.argv[1:])
