"""PutRule leaves the tags of a rule that is there already as they are, as AWS does."""

from ministack.services import eventbridge

from treino_local import patching
from treino_local.types import Answer, Fields, Handler


def install() -> None:
    patching.of(eventbridge, "_rules")
    patching.function(eventbridge, "_rule_key", "rule_name", "bus_name")

    @patching.wrap(eventbridge, "_put_rule", "data")
    def put_rule(original: Handler, data: Fields) -> Answer:
        key = eventbridge._rule_key(data.get("Name"), data.get("EventBusName", "default"))
        if key in eventbridge._rules:
            data = {name: value for name, value in data.items() if name != "Tags"}
        return original(data)
