"""The expressions of the models, which are Java's, as Python's."""

import re
import sys
import unicodedata
from functools import cache

# Of Java's classes, those of ASCII.
ASCII = {
    "ASCII": r"\x00-\x7f",
    "Alnum": "A-Za-z0-9",
    "Alpha": "A-Za-z",
    "Graph": "!-~",
    "Print": " -~",
    "Punct": r"!-/:-@\[-`{-~",
}
# Every character beyond the first 65,536, as Java writes them: from the first pair of surrogates to the last.
BEYOND = r"\uD800\uDC00-\uDBFF\uDFFF"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """`\\w`, `\\d` and `\\s` are of ASCII, as in Java."""
    translated = pattern.replace(BEYOND, "\\U00010000-\\U0010FFFF").replace(r"\w-_", r"\w\-_")
    return re.compile(re.sub(r"\\p\{(\w+)\}", lambda found: named(found, translated), translated), re.ASCII)


def named(found: re.Match[str], pattern: str) -> str:
    """The ranges of a class of characters, in brackets unless it stands in some."""
    before = pattern[: found.start()]
    inside = before.rfind("[") > before.rfind("]")
    ranges = ASCII.get(found[1]) or category(found[1])
    return ranges if inside else f"[{ranges}]"


@cache
def category(name: str) -> str:
    """The ranges of a general category of Unicode, such as `L` or `Zs`."""
    ranges: list[list[int]] = []
    for point in range(sys.maxunicode + 1):
        if not unicodedata.category(chr(point)).startswith(name):
            continue
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    if not ranges:
        raise re.error(f"Unicode has no category {name}")
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is matched: AWS's services do so with or without `^` and `$`."""
    return compiled(pattern).fullmatch(text) is not None
