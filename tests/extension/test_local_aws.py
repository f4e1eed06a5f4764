"""The extension as a whole: it starts, and says which additions it has."""

import main
from support import ACCOUNT, LocalAws


def test_it_starts_with_every_addition(local_aws: LocalAws) -> None:
    assert local_aws.wait()["additions"] == list(main.ADDITIONS)


def test_the_access_key_is_the_account(local_aws: LocalAws) -> None:
    assert local_aws.client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert local_aws.client("sts", key="210987654321").get_caller_identity()["Account"] == "210987654321"
