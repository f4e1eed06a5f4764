"""Amazon Rekognition's DetectLabels and DetectFaces, measured from the picture itself.

A stand-in, and it says so: LabelModelVersion names it, and the labels are what can be measured
(colours, light, sharpness, shape, faces), not what a trained model would recognise. Faces are
found by OpenCV's bundled cascade; of the attributes of a face, only what is measured is given
(no age, no smile, whatever Attributes asks for). Without OpenCV, or with TREINO_LOCAL_FACES=0,
DetectFaces finds none, LabelModelVersion says that nothing looked for faces, and so does the
header x-treino-faces of both answers.
"""

import asyncio
import json
from typing import TYPE_CHECKING

from ministack import app
from ministack.core import iam_actions, router

from treino_local import patching
from treino_local.rekognition import faces, images
from treino_local.rekognition.images import Refusal
from treino_local.types import Answer, Fields, Headers, Query

if TYPE_CHECKING:
    from PIL.Image import Image

MODEL = "treino-local-1 (stand-in: measured from pixels)"
MODEL_WITHOUT_FACES = "treino-local-1 (stand-in: measured from pixels; nothing looked for faces)"


def install() -> None:
    patching.of(router, "SERVICE_PATTERNS", dict)
    patching.of(app, "SERVICE_HANDLERS", dict)
    patching.of(iam_actions, "SERVICE_TO_IAM_NAMESPACE", dict)
    router.SERVICE_PATTERNS["rekognition"] = {
        "target_prefixes": ["RekognitionService"],
        "host_patterns": [r"rekognition\."],
    }
    iam_actions.SERVICE_TO_IAM_NAMESPACE["rekognition"] = "rekognition"
    app.SERVICE_HANDLERS["rekognition"] = handle_request


async def handle_request(method: str, path: str, headers: Headers, body: bytes, query_params: Query) -> Answer:
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    try:
        operation = _OPERATIONS.get(action)
        if operation is None:
            raise Refusal("UnknownOperationException", f"The local Rekognition does not know {action or path}.")
        request = _parameters(body)
        picture = await images.given(request["Image"], headers, query_params)
        # Beside the event loop: measuring takes a tenth of a second of processor time.
        answer = await asyncio.to_thread(operation, request, picture)
        return 200, _headers(), json.dumps(answer).encode()
    except Refusal as refusal:
        answer = {"__type": refusal.code, "message": str(refusal), "Code": refusal.code}
        return 400, _headers(), json.dumps(answer).encode()


def _headers() -> Headers:
    return {
        "Content-Type": "application/x-amz-json-1.1",
        "x-treino-faces": "measured" if faces.available() else "not looked for",
    }


def _parameters(body: bytes) -> Fields:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise Refusal("SerializationException", "The request is not valid JSON.") from None
    if not isinstance(request, dict) or not isinstance(request.get("Image"), dict):
        raise Refusal("InvalidParameterException", "Request has invalid parameters: Image is required.")
    return request


def _opened(data: bytes) -> "Image":
    # Not at the top: only the first picture needs it, and a lab without any should not wait for it.
    from treino_local.rekognition import pictures

    try:
        return pictures.opened(data)
    except pictures.Unreadable:
        raise Refusal("InvalidImageFormatException", "Request has invalid image format") from None


def _detect_labels(request: Fields, data: bytes) -> Fields:
    from treino_local.rekognition import labels

    most, least = request.get("MaxLabels"), request.get("MinConfidence", 55)
    if most is not None and (not isinstance(most, int) or most < 0):
        raise Refusal("InvalidParameterException", "Request has invalid parameters: MaxLabels.")
    if not isinstance(least, (int, float)) or not 0 <= least <= 100:
        raise Refusal("InvalidParameterException", "Request has invalid parameters: MinConfidence.")
    picture = _opened(data)
    found = [label for label in labels.of(picture, faces.found_in(picture)) if label["Confidence"] >= least]
    model = MODEL if faces.available() else MODEL_WITHOUT_FACES
    return {"Labels": found[:most], "LabelModelVersion": model}


def _detect_faces(request: Fields, data: bytes) -> Fields:
    wanted = request.get("Attributes") or ["DEFAULT"]
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise Refusal("InvalidParameterException", "Request has invalid parameters: Attributes.")
    return {"FaceDetails": faces.found_in(_opened(data))}


_OPERATIONS = {"DetectLabels": _detect_labels, "DetectFaces": _detect_faces}
