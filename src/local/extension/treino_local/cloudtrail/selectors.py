"""Which trails record an S3 object write: CloudTrail's event selectors, basic and advanced."""

from collections.abc import Callable
from typing import Any

from treino_local.types import Fields

# A basic selector's value that means every object of every bucket.
_ALL_BUCKETS = ("arn:aws:s3", "arn:aws:s3:::")

_Test = Callable[[str, str], bool]

_POSITIVE: dict[str, _Test] = {
    "Equals": lambda value, wanted: value == wanted,
    "StartsWith": lambda value, wanted: value.startswith(wanted),
    "EndsWith": lambda value, wanted: value.endswith(wanted),
}
_NEGATIVE: dict[str, _Test] = {
    "NotEquals": _POSITIVE["Equals"],
    "NotStartsWith": _POSITIVE["StartsWith"],
    "NotEndsWith": _POSITIVE["EndsWith"],
}


def recording(cloudtrail: Any, account: str, region: str, event: Fields) -> list[Fields]:
    """The trails of the account that are logging, cover the region and select the event."""
    found = []
    for (owner, home, name), trail in cloudtrail._trails.all_items():
        if owner != account or not (home == region or trail.get("IsMultiRegionTrail")):
            continue
        if not trail.get("IsLogging"):
            continue
        # A trail without selectors of its own records management events only.
        selectors = cloudtrail._event_selectors.get_scoped(account, home, name, [])
        if any(selects(selector, event) for selector in selectors):
            found.append(trail)
    return found


def selects(selector: Fields, event: Fields) -> bool:
    fields = selector.get("FieldSelectors")
    return _advanced(fields, event) if fields else _basic(selector, event)


def _basic(selector: Fields, event: Fields) -> bool:
    if selector.get("ReadWriteType", "All") == "ReadOnly":
        return False
    arn = object_arn(event)
    return any(
        value in _ALL_BUCKETS or ("/" in value and arn.startswith(value))
        for resource in selector.get("DataResources", [])
        if resource.get("Type") == "AWS::S3::Object"
        for value in resource.get("Values", [])
    )


def _advanced(fields: list[Fields], event: Fields) -> bool:
    values: dict[str, str] = {
        "eventCategory": "Data",
        "eventType": event["eventType"],
        "eventSource": event["eventSource"],
        "eventName": event["eventName"],
        "readOnly": "false",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": object_arn(event),
        "userIdentity.arn": event["userIdentity"].get("arn", ""),
        "sessionCredentialFromConsole": "false",
    }
    # Only data events are selected here: a selector of management events says so in its category.
    return all(_field(each, values.get(each.get("Field", ""))) for each in fields)


def _field(selector: Fields, value: str | None) -> bool:
    """All the operators given have to hold: one of a positive one's values, none of a negative one's."""
    if value is None:
        return False
    for operator, test in _POSITIVE.items():
        if operator in selector and not any(test(value, wanted) for wanted in selector[operator]):
            return False
    for operator, test in _NEGATIVE.items():
        if any(test(value, wanted) for wanted in selector.get(operator, [])):
            return False
    return True


def object_arn(event: Fields) -> str:
    resource = event["resources"][0]
    arn: str = resource.get("ARN") or resource["ARNPrefix"]
    return arn
