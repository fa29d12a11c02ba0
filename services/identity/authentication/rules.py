"""What a password has to be: long, and not among those that are tried first (NIST SP 800-63B, 5.1.1.2)."""

from collections.abc import Iterable

from zxcvbn import zxcvbn

from chassis.errors import InvalidArgument

LEAST_LENGTH = 12
LEAST_SCORE = 3  # of 4: more than 10^8 guesses by a list of common passwords, names, words and keyboard walks
LOOKED_AT = 72  # characters: a long one is strong by its beginning, and looking takes longer than linear time


class WeakPassword(InvalidArgument): ...


def refuse_weak(password: str, least: int, known: Iterable[str], field: str = "password") -> None:
    """`known` is what anybody would try of this user: e-mail, name, tenant. Raises WeakPassword naming `field`."""
    least = max(least, LEAST_LENGTH)
    if len(password) < least:
        raise _weak(field, f"has fewer than {least} characters")
    words = [word for word in known if word]
    if zxcvbn(password[:LOOKED_AT], user_inputs=words)["score"] < LEAST_SCORE:
        raise _weak(field, "is too easy to guess")


def _weak(field: str, problem: str) -> WeakPassword:
    return WeakPassword(f"{field} {problem}", fields={field: problem})
