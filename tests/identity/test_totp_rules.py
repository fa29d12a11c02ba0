"""RFC 6238 and when a second factor is due, without a server (ID-05)."""

import pytest

from identity.second_factor import rules
from identity.second_factor.rules import code_of, is_due, is_required, plain, step_of, uri_of

SECRET = b"12345678901234567890"  # RFC 6238, appendix B
NOW = 1_700_000_015.0
STEP = int(NOW) // rules.STEP_SECONDS


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert code_of(SECRET, seconds // 30) == code


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(off: int) -> None:
    assert step_of(SECRET, code_of(SECRET, STEP + off), NOW, 0) == STEP + off


@pytest.mark.parametrize("off", [-2, 2, 100])
def test_and_no_more(off: int) -> None:
    assert step_of(SECRET, code_of(SECRET, STEP + off), NOW, 0) is None


def test_what_was_shown_and_all_before_it_is_over() -> None:
    assert step_of(SECRET, code_of(SECRET, STEP), NOW, STEP) is None
    assert step_of(SECRET, code_of(SECRET, STEP - 1), NOW, STEP) is None
    assert step_of(SECRET, code_of(SECRET, STEP + 1), NOW, STEP) == STEP + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000\n"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of(SECRET, code, NOW, 0) is None


@pytest.mark.parametrize(
    ("required", "held", "shown", "by_key", "due"),
    [
        (False, [], ["password"], False, False),
        (True, [], ["password"], False, True),
        (False, ["totp"], ["password"], False, True),
        (True, ["totp"], ["sso"], False, True),  # another's word for it is one factor, too
        (True, [], ["sso", "mfa"], False, False),  # but where the tenant trusts that word
        (True, ["totp"], ["password", "totp"], False, False),
        (True, ["totp"], ["password", "recovery_code"], False, False),
        (True, ["passkey"], ["passkey"], False, False),
        (False, ["totp"], [], False, True),
        (True, [], None, True, True),
        (True, ["totp"], None, True, False),
        (False, [], None, True, False),
        (True, [], None, False, False),  # work on a user's behalf
    ],
)
def test_when_a_second_factor_is_due(
    required: bool, held: list[str], shown: list[str] | None, by_key: bool, due: bool
) -> None:
    assert is_due(required=required, held=held, shown=shown, by_key=by_key) is due


def test_a_policy_that_says_nothing_requires_nothing() -> None:
    assert not is_required(None)
    assert not is_required("{}")
    assert is_required('{"mfa_required": true}')


def test_how_a_code_is_typed_does_not_matter() -> None:
    assert plain(" ABCD-efgh 1234 ") == "abcdefgh1234"


def test_an_app_is_told_whose_key_it_is() -> None:
    uri = uri_of("ABC", "ann@acme.example", "Acme & 机器人")
    assert uri.startswith("otpauth://totp/Acme%20%26%20%E6%9C%BA")
    assert uri.endswith("?secret=ABC&issuer=Acme+%26+%E6%9C%BA%E5%99%A8%E4%BA%BA")
