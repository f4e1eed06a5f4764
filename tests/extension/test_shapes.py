"""A request against its operation's model, in AWS's words."""

import pytest
from treino_local import shapes

_SOUND = {
    "Name": "api",
    "AuthorizationType": "API_KEY",
    "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hidden"}},
}


def _fault(**changes: object) -> str | None:
    request = {**_SOUND, **changes}
    return shapes.fault("events", "CreateConnection", {name: value for name, value in request.items() if value})


def test_a_sound_request_has_no_fault() -> None:
    assert _fault() is None


def test_a_missing_member_is_named_in_small_letters() -> None:
    assert _fault(Name=None) == (
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"
    )


def test_several_faults_are_counted() -> None:
    fault = _fault(Name=None, AuthorizationType=None)
    assert fault is not None
    assert fault.startswith("2 validation errors detected: ")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"AuthorizationType": "NONE"}, "satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"),
        ({"Name": "x" * 65}, "have length less than or equal to 64"),
        ({"Name": "a b"}, "satisfy regular expression pattern: "),
        ({"Name": 7}, "be a string"),
        ({"AuthParameters": ["x"]}, "be a structure"),
    ],
)
def test_each_limit_of_the_model(changes: dict[str, object], constraint: str) -> None:
    fault = _fault(**changes)
    assert fault is not None
    assert f"failed to satisfy constraint: Member must {constraint}" in fault


def test_what_may_be_a_secret_is_not_repeated() -> None:
    parameters = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hidden\n" + "y" * 600}}
    fault = _fault(AuthParameters=parameters)
    assert fault is not None
    assert "authParameters.apiKeyAuthParameters.apiKeyValue" in fault
    assert "hidden" not in fault
