"""Keys in S3's XML: URL-encoded in the lists where MiniStack does not, and readable whatever they hold.

XML 1.0 has no control characters. S3 writes them as character references, which are none of XML 1.0 either; a client
that wants to read such keys asks for `encoding-type=url`.
"""

import contextvars
import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from ministack.services import s3

from treino_local import patching
from treino_local.types import Answer, Handler, Query

# A carriage return would be read as a line's end.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ENCODED = ("Key", "Prefix", "Delimiter", "KeyMarker", "NextKeyMarker")

_encoding: contextvars.ContextVar[bool] = contextvars.ContextVar("encoding", default=False)


def install() -> None:
    patching.function(s3, "_url_encode", "value")
    patching.function(s3, "_error", "code", "message", "status", "resource")
    patching.function(s3, "_qp", "params", "key", "default")
    for name in ("_list_objects_v1", "_list_objects_v2"):
        _check(name, encode=False)
    for name in ("_list_object_versions", "_list_multipart_uploads"):
        _check(name, encode=True)

    @patching.wrap(s3, "_xml_body", "root")
    def xml_body(original: Callable[[Element], bytes], root: Element) -> bytes:
        if _encoding.get():
            _encode(root)
        body = original(root).decode()
        return _UNREADABLE.sub(lambda found: f"&#x{ord(found[0]):x};", body).encode()


def _check(name: str, *, encode: bool) -> None:
    @patching.wrap(s3, name, "bucket_name", "query_params")
    def listed(original: Handler, bucket_name: str, query_params: Query) -> Answer:
        asked = s3._qp(query_params, "encoding-type", "")
        if asked not in ("", "url"):
            refused: Answer = s3._error(
                "InvalidArgument", "Invalid Encoding Method specified in Request", 400, f"/{bucket_name}"
            )
            return refused
        token = _encoding.set(encode and asked == "url")
        try:
            return original(bucket_name, query_params)
        finally:
            _encoding.reset(token)


def _encode(root: Element) -> None:
    if not root.tag.startswith("List"):
        # An error.
        return
    for element in root.iter():
        if element.tag in _ENCODED and element.text:
            element.text = s3._url_encode(element.text)
    SubElement(root, "EncodingType").text = "url"
