"""Proof that a change which rides on a cookie was written by our own pages.

The cookie alone proves only which browser it is. Browsers send Origin with every unsafe request and page scripts
cannot change it; the CSRF token is an HMAC of the session's secret, so that a planted cookie brings no valid token
along and every replica that shares the key accepts it.
"""

import hashlib
import hmac

from google.rpc.code_pb2 import Code

from gateway.incoming import Incoming
from gateway.problems import Problem

HEADER = "x-kith-csrf"
OWN_SITES = (b"same-origin", b"none")


class Proof:
    def __init__(self, secret: str, origins: frozenset[str]) -> None:
        self._key = hmac.digest(secret.encode(), b"kith gateway csrf", hashlib.sha256)
        self._origins = frozenset(origin.encode() for origin in origins)

    def token(self, session_secret: str) -> str:
        return hmac.digest(self._key, session_secret.encode(), hashlib.sha256).hex()

    def refuse_foreign(self, incoming: Incoming) -> None:
        """Raises Problem for a request that another site made; a program sends neither header."""
        origin = incoming.headers.get(b"origin")
        site = incoming.headers.get(b"sec-fetch-site", b"none")
        if (origin is not None and origin not in self._origins) or site not in OWN_SITES:
            raise Problem(Code.PERMISSION_DENIED, "FOREIGN_ORIGIN", "the request came from another site")

    def refuse_unproven(self, incoming: Incoming) -> None:
        """For a change by cookie. Raises Problem."""
        self.refuse_foreign(incoming)
        given = incoming.headers.get(HEADER.encode(), b"")  # as bytes: compare_digest raises on text beyond ASCII
        proven = hmac.compare_digest(given, self.token(incoming.secret).encode())
        if not proven or b"origin" not in incoming.headers:
            raise Problem(Code.PERMISSION_DENIED, "CSRF", "a change by cookie needs Origin and X-Kith-Csrf")
