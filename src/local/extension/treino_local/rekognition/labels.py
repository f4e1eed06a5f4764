"""Labels in Rekognition's shape for what is measured of a picture, named for what they are."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from treino_local.rekognition import pictures
from treino_local.types import Fields

if TYPE_CHECKING:
    from PIL.Image import Image

_LOOKS = "Colors and Visual Composition"
_PEOPLE = "Person Description"

# A label is given from its limit on, and its confidence grows from 70 to 99 on the way to where it
# is certain: (measure, limit, certain, name). A certain below the limit means "at most".
_MEASURES = (
    (pictures.brightness, 60, 85, "Bright"),
    (pictures.brightness, 40, 15, "Dark"),
    (pictures.contrast, 50, 75, "High contrast"),
    (pictures.contrast, 30, 10, "Low contrast"),
    (pictures.sharpness, 45, 75, "Sharp"),
    (pictures.sharpness, 35, 20, "Blurred"),
    (pictures.saturation, 45, 75, "Colourful"),
    (pictures.saturation, 25, 10, "Muted colours"),
    (pictures.detail, 15, 35, "Much detail"),
    (pictures.detail, 8, 1, "Little detail"),
)


def of(picture: "Image", faces: list[Fields]) -> list[Fields]:
    """All labels of the picture, the most certain first."""
    found = [_shape(picture), *_measured(picture), *_coloured(picture), *_people(faces)]
    return sorted(found, key=lambda label: (-label["Confidence"], label["Name"]))


def _measured(picture: "Image") -> Iterator[Fields]:
    for measure, limit, certain, name in _MEASURES:
        part = (measure(picture) - limit) / (certain - limit)
        if part >= 0:
            yield _label(name, _LOOKS, 70 + 29 * min(1.0, part))


def _coloured(picture: "Image") -> Iterator[Fields]:
    """The colours that fill a tenth of the picture or more."""
    for name, share in pictures.colours(picture):
        if share >= 0.1:
            yield _label(f"{name} (colour)", _LOOKS, min(99.0, 60 + 80 * share), alias=name)


def _shape(picture: "Image") -> Fields:
    ratio = picture.width / picture.height
    if 0.95 <= ratio <= 1.05:
        return _label("Square format", _LOOKS, 99.0)
    return _label("Landscape orientation" if ratio > 1 else "Portrait orientation", _LOOKS, 99.0)


def _people(faces: list[Fields]) -> Iterator[Fields]:
    if not faces:
        return
    instances = [{"BoundingBox": face["BoundingBox"], "Confidence": face["Confidence"]} for face in faces]
    best = max(face["Confidence"] for face in faces)
    # A face is all that is seen of the person: no box is claimed for the rest.
    yield _label("Person", _PEOPLE, best)
    yield _label("Face", _PEOPLE, best, instances=instances, parents=[{"Name": "Person"}])


def _label(
    name: str,
    category: str,
    confidence: float,
    instances: Sequence[Fields] = (),
    parents: Sequence[Fields] = (),
    alias: str | None = None,
) -> Fields:
    return {
        "Name": name,
        "Confidence": round(confidence, 4),
        "Instances": list(instances),
        "Parents": list(parents),
        "Aliases": [{"Name": alias}] if alias else [],
        "Categories": [{"Name": category}],
    }
