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


def test_each_reason_of_the_openapi_document_is_found_by_whose_it_is(titles: Titles) -> None:
    reasons = titles.by_domain
    assert {domain for domain in reasons if "NOT_OPEN" in reasons[domain]} == {
        "contacts.kith",
        "sales.kith",
        "service_desk.kith",
    }
    assert reasons["sales.kith"]["NOT_OPEN"] != reasons["service_desk.kith"]["NOT_OPEN"]
    assert reasons["kith"]["STALE_ETAG"]["en"]
    assert reasons["identity.kith"]["SIGN_IN_REFUSED"] == {
        "zh": "邮箱或密码不正确",
        "en": "The e-mail or the password is not right",
    }
