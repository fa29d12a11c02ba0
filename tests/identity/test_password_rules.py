"""ID-15: what a password has to be, without a server."""

import pytest

from identity.authentication.rules import WeakPassword, refuse_weak

KNOWN = ("ann@acme.example", "ann", "Ann Archer", "Acme Robotics")


@pytest.mark.parametrize(
    "password",
    [
        *("", "short", "elevenchars", "password1234", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "abcabcabcabc"),
        *(
            "ann@acme.example",
            "Ann Archer 1",
            "Acme Robotics",
            "P@ssw0rd1234",
            "密码密码密码密码密码密码",
            "iloveyou12345",
        ),
        "a" * 200,
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        refuse_weak(password, 0, KNOWN)
    assert [*refused.value.fields] == ["password"]
    assert password not in str(refused.value) or not password


@pytest.mark.parametrize("password", ["correct horse battery", "机器人在北京过冬天真的很冷啊", "k7#Wq2!mZ9pL"])
def test_what_is_not_is_taken(password: str) -> None:
    refuse_weak(password, 0, KNOWN)


def test_a_tenant_may_ask_for_more_and_never_for_less() -> None:
    with pytest.raises(WeakPassword, match="24"):
        refuse_weak("correct horse battery", 24, KNOWN)
    with pytest.raises(WeakPassword, match="12"):
        refuse_weak("k7#Wq2!mZ9p", 3, KNOWN)
