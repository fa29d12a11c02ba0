"""The same word of several services is told as each of them means it."""

from pathlib import Path

import pytest
from google.rpc.code_pb2 import Code

from gateway.contract import Contract
from gateway.titles import Titles

CONTRACT = Path(__file__).parents[2] / "protos" / "gen" / "contract.binpb"


@pytest.fixture(scope="module")
def titles() -> Titles:
    return Titles(Contract.read(CONTRACT))


def test_a_word_of_three_services_has_three_titles(titles: Titles) -> None:
    domains = ("contacts.kith", "sales.kith", "service_desk.kith")
    told = {titles.of("NOT_OPEN", Code.FAILED_PRECONDITION, "zh", domain) for domain in domains}
    assert len(told) == len(domains)


def test_the_chassis_words_are_everybodys(titles: Titles) -> None:
    assert titles.of("STALE_ETAG", Code.ABORTED, "en", "sales.kith") == titles.of("STALE_ETAG", Code.ABORTED, "en")
