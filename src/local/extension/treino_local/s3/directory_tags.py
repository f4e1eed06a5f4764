"""The tags of S3 directory buckets, which only S3 Control's TagResource and its siblings know."""

from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from treino_local import patching
from treino_local.s3 import directory_names
from treino_local.types import Answer, AsyncHandler, Headers, Query

_PREFIX = "/v20180820/tags/"
_ACTIONS = {"GET": "ListTagsForResource", "POST": "TagResource", "DELETE": "UntagResource"}
_NAMESPACE = "http://awss3control.amazonaws.com/doc/2018-08-20/"


def install() -> None:
    patching.function(app, "_enforce_data_plane", "service", "iam_action", "headers", "query_params", "request_id")

    # Which accounts' requests these are is known by then, and so is their region.
    @patching.wrap(app, "_handle_s3_control_request", "path", "method", "body", "query_params", "request_id", "headers")
    async def handle_s3_control_request(
        original: AsyncHandler,
        path: str,
        method: str,
        body: bytes,
        query_params: Query,
        request_id: str,
        headers: Headers | None = None,
    ) -> Answer:
        arn = unquote(path[len(_PREFIX) :]) if path.startswith(_PREFIX) else ""
        if not arn.startswith("arn:aws:s3express:"):
            return await original(path, method, body, query_params, request_id, headers)
        action = f"s3express:{_ACTIONS.get(method, 'TagResource')}"
        denied: Answer | None = app._enforce_data_plane(
            "s3", action, headers or {}, query_params, request_id, resource_arn=arn
        )
        if denied:
            return denied
        status, answered, data = _answer(arn, method, body, query_params, headers or {}, request_id)
        return status, {**answered, "x-amzn-requestid": request_id, "x-amz-request-id": request_id}, data


def _answer(arn: str, method: str, body: bytes, query: Query, headers: Headers, request_id: str) -> Answer:
    account = headers.get("x-amz-account-id")
    if not account:
        message = "Missing required header for this request: x-amz-account-id"
        return _error("InvalidRequest", message, 400, request_id)
    owner, region, bucket = arn.split(":")[4], arn.split(":")[3], arn.partition(":bucket/")[2]
    if not account == owner == get_account_id():
        return _error("AccessDenied", "Access Denied", 403, request_id)
    record = directory_names.record(bucket) if region == get_region() else None
    if record is None:
        return _error("NoSuchBucket", "The specified bucket does not exist", 404, request_id)
    tags = record.get("_directory_tags", {})
    if method == "GET":
        return _listed(tags)
    if method == "POST":
        try:
            new = {**tags, **s3._parse_tags_xml(body)}
        except Exception:
            return _error("MalformedXML", s3._MALFORMED_XML, 400, request_id)
        refused = s3._validate_bucket_tags(new)
        if refused:
            found = s3.fromstring(refused[2])
            return _error(found.findtext("Code"), found.findtext("Message"), refused[0], request_id)
        record["_directory_tags"] = new
        return 204, {}, b""
    if method == "DELETE":
        gone = query.get("tagKeys") or []
        record["_directory_tags"] = {key: value for key, value in tags.items() if key not in gone}
        return 204, {}, b""
    return _error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405, request_id)


def _listed(tags: dict[str, str]) -> Answer:
    root = Element("ListTagsForResourceResult", xmlns=_NAMESPACE)
    listed = SubElement(root, "Tags")
    for key, value in tags.items():
        tag = SubElement(listed, "Tag")
        SubElement(tag, "Key").text = key
        SubElement(tag, "Value").text = value
    return 200, {"Content-Type": "application/xml"}, s3._xml_body(root)


def _error(code: str, message: str, status: int, request_id: str) -> Answer:
    root = Element("ErrorResponse")
    error = SubElement(root, "Error")
    SubElement(error, "Code").text = code
    SubElement(error, "Message").text = message
    SubElement(root, "RequestId").text = request_id
    return status, {"Content-Type": "application/xml"}, s3._xml_body(root)
