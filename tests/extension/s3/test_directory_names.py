"""Which names are those of directory buckets."""

import pytest
from treino_local.s3 import directory_names


@pytest.mark.parametrize(
    ("bucket", "zone"),
    [
        ("lab--euc1-az1--x-s3", "euc1-az1"),
        ("my-lab--usw2-lax1-az1--x-s3", "usw2-lax1-az1"),
        ("a--use1-az4--x-s3", "use1-az4"),
        ("lab--euc1--x-s3", None),
        ("lab--euc1-az0--x-s3", None),
        ("Lab--euc1-az1--x-s3", None),
        ("-lab--euc1-az1--x-s3", None),
        ("lab.2--euc1-az1--x-s3", None),
        ("xn--lab--euc1-az1--x-s3", None),
        (f"{'a' * 50}--euc1-az1--x-s3", None),
        ("lab", None),
    ],
)
def test_the_zone_in_a_name(bucket: str, zone: str | None) -> None:
    assert directory_names.zone_of(bucket) == zone


def test_a_name_that_ends_so_is_a_directory_s_even_if_it_is_not_valid() -> None:
    assert directory_names.is_directory("Lab--x-s3")
    assert not directory_names.is_directory("lab-x-s3")
