"""Faces in Rekognition's shape, found by the cascade that comes with OpenCV.

OpenCV and numpy are 250 MB of disk and are loaded at the first picture. A user may do without
them (TREINO_LOCAL_FACES=0, or not installed): then no picture has faces, and service.py says
that nothing looked for any.
"""

import functools
import importlib.util
import math
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from treino_local.types import Fields

if TYPE_CHECKING:
    from PIL.Image import Image

_Point = tuple[float, float]

# What the cascade is less sure of is a texture more often than a face.
_LEAST_CONFIDENCE = 90

# A cascade keeps the picture that it looks at: two threads would find each other's faces.
_ONE_AT_A_TIME = threading.Lock()

_EYES: tuple[tuple[str, Callable[[list[_Point]], _Point]], ...] = (("eyeLeft", min), ("eyeRight", max))


@functools.cache
def available() -> bool:
    return os.environ.get("TREINO_LOCAL_FACES") != "0" and importlib.util.find_spec("cv2") is not None


def found_in(picture: "Image") -> list[Fields]:
    """The FaceDetails of the picture, the largest first."""
    if not available():
        return []
    grey = _pixels(picture)
    with _ONE_AT_A_TIME:
        faces, eyes = _cascades()
        boxes, _, weights = faces.detectMultiScale3(grey, outputRejectLevels=True)
        found = [_face(picture, grey, eyes, box, weight) for box, weight in zip(boxes, weights, strict=True)]
    certain = [face for face in found if face["Confidence"] >= _LEAST_CONFIDENCE]
    return sorted(certain, key=_width, reverse=True)


def _width(face: Fields) -> float:
    width: float = face["BoundingBox"]["Width"]
    return width


@functools.cache
def _cascades() -> tuple[Any, ...]:
    import cv2

    # One thread: the machine is also running the lab.
    cv2.setNumThreads(1)
    return tuple(
        cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, f"haarcascade_{name}.xml"))
        for name in ("frontalface_default", "eye")
    )


def _pixels(picture: "Image") -> Any:
    import numpy

    return numpy.asarray(picture.convert("L"))


def _face(picture: "Image", grey: Any, eye_cascade: Any, box: Any, weight: Any) -> Fields:
    from treino_local.rekognition import pictures

    left, top, width, height = (int(each) for each in box)
    eyes = _eyes(grey, eye_cascade, left, top, width, height)
    face = picture.crop((left, top, left + width, top + height))
    return {
        "BoundingBox": {
            "Left": left / picture.width,
            "Top": top / picture.height,
            "Width": width / picture.width,
            "Height": height / picture.height,
        },
        # The cascade's own weight, which has no upper end, brought under 100.
        "Confidence": round(100 - 50 * math.exp(-float(weight) / 2), 4),
        "Landmarks": [{"Type": name, "X": x / picture.width, "Y": y / picture.height} for name, (x, y) in eyes.items()],
        # The cascade finds faces that look at the camera, so only the roll is left to measure.
        "Pose": {"Roll": _roll(eyes), "Yaw": 0.0, "Pitch": 0.0},
        "Quality": {
            "Brightness": round(pictures.brightness(face), 4),
            "Sharpness": round(pictures.sharpness(face), 4),
        },
    }


def _eyes(grey: Any, cascade: Any, left: int, top: int, width: int, height: int) -> dict[str, _Point]:
    """Both eyes, looked for in the upper part of the face; none if not both are found."""
    upper = grey[top : top + int(height * 0.6), left : left + width]
    boxes = cascade.detectMultiScale(upper)
    middles = [(left + int(x) + int(w) / 2, top + int(y) + int(h) / 2) for x, y, w, h in boxes]
    eyes = {name: end(middles) for name, end in _EYES} if len(middles) >= 2 else {}
    apart = eyes["eyeRight"][0] - eyes["eyeLeft"][0] if eyes else 0
    return eyes if apart > width / 5 else {}


def _roll(eyes: dict[str, _Point]) -> float:
    """How far the head is tilted, in degrees, by the line through the eyes."""
    if not eyes:
        return 0.0
    (left_x, left_y), (right_x, right_y) = eyes["eyeLeft"], eyes["eyeRight"]
    return round(math.degrees(math.atan2(right_y - left_y, right_x - left_x)), 4)
