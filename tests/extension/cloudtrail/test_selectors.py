"""Which writes of objects a trail's selectors select."""

from typing import Any

import pytest
from treino_local.cloudtrail import selectors


def _event(bucket: str = "photos", key: str = "in/a.jpg", name: str = "PutObject") -> dict[str, Any]:
    place = {"ARN": f"arn:aws:s3:::{bucket}/{key}"} if key else {"ARNPrefix": f"arn:aws:s3:::{bucket}/"}
    return {
        "eventType": "AwsApiCall",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "userIdentity": {"arn": "arn:aws:iam::123456789012:root"},
        "resources": [place],
    }


def _basic(*values: str, kind: str = "AWS::S3::Object", read_write: str = "All") -> dict[str, Any]:
    return {"ReadWriteType": read_write, "DataResources": [{"Type": kind, "Values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        (_basic("arn:aws:s3"), True),
        (_basic("arn:aws:s3:::"), True),
        (_basic("arn:aws:s3:::photos/"), True),
        (_basic("arn:aws:s3:::photos/in/"), True),
        (_basic("arn:aws:s3:::photos/out/"), False),
        # Without a slash it would also be photos-2.
        (_basic("arn:aws:s3:::photos"), False),
        (_basic("arn:aws:s3:::other/", "arn:aws:s3:::photos/"), True),
        (_basic("arn:aws:s3:::photos/", read_write="WriteOnly"), True),
        (_basic("arn:aws:s3:::photos/", read_write="ReadOnly"), False),
        (_basic("arn:aws:lambda", kind="AWS::Lambda::Function"), False),
        ({"ReadWriteType": "All", "IncludeManagementEvents": True}, False),
    ],
)
def test_a_basic_selector(selector: dict[str, Any], selected: bool) -> None:
    assert selectors.selects(selector, _event()) is selected


def _advanced(**fields: dict[str, list[str]]) -> dict[str, Any]:
    given = {"eventCategory": {"Equals": ["Data"]}, "resources.type": {"Equals": ["AWS::S3::Object"]}, **fields}
    return {"FieldSelectors": [{"Field": name.replace("__", "."), **each} for name, each in given.items()]}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        (_advanced(), True),
        (_advanced(resources__ARN={"StartsWith": ["arn:aws:s3:::photos/"]}), True),
        (_advanced(resources__ARN={"StartsWith": ["arn:aws:s3:::other/"]}), False),
        (_advanced(resources__ARN={"EndsWith": [".png", ".jpg"]}), True),
        (_advanced(resources__ARN={"NotEndsWith": [".png", ".jpg"]}), False),
        (_advanced(resources__ARN={"NotStartsWith": ["arn:aws:s3:::logs/"]}), True),
        (_advanced(eventName={"Equals": ["PutObject", "DeleteObject"]}), True),
        (_advanced(eventName={"NotEquals": ["PutObject"]}), False),
        # All operators of a field have to hold.
        (_advanced(eventName={"StartsWith": ["Put"], "NotEndsWith": ["Object"]}), False),
        (_advanced(readOnly={"Equals": ["true"]}), False),
        (_advanced(eventCategory={"Equals": ["Management"]}), False),
        (_advanced(unknown={"Equals": ["x"]}), False),
        (_advanced(unknown={"NotEquals": ["x"]}), False),
    ],
)
def test_an_advanced_selector(selector: dict[str, Any], selected: bool) -> None:
    assert selectors.selects(selector, _event()) is selected


def test_a_batch_delete_is_selected_by_its_bucket() -> None:
    assert selectors.selects(_basic("arn:aws:s3:::photos/"), _event(key="", name="DeleteObjects"))
