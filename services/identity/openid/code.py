"""Redeems an authorization code for what the provider says of a person (RFC 6749 with RFC 7636)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from chassis.access.tokens import strict_json
from chassis.clock import now
from chassis.errors import Unauthenticated
from identity.openid.id_token import Expected, SsoTokenRefused, claims_of, header_of
from identity.openid.outbound import Unreachable
from identity.openid.published import OpenId, ProviderUnreachable, Published

FORM = ("content-type", "application/x-www-form-urlencoded")


class SsoCodeRefused(Unauthenticated): ...


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What has to be shown for a code: who asks, where it came back to, and the secret behind its challenge."""

    client_id: str
    client_secret: str  # "" for a client without one
    redirect_uri: str
    code: str
    verifier: str
    nonce: str


async def redeem(openid: OpenId, published: Published, shown: Redeemed) -> Mapping[str, Any]:
    """The claims of its id_token. Raises SsoCodeRefused, SsoTokenRefused, ProviderUnreachable."""
    said = await _exchanged(openid, published, shown)
    token, access = said.get("id_token"), said.get("access_token", "")
    if not isinstance(token, str) or not isinstance(access, str):
        raise SsoTokenRefused("the identity provider sent no id_token")
    kid, algorithm = header_of(token)
    key = await openid.key(published, kid, algorithm)
    expected = Expected(published.issuer, shown.client_id, shown.nonce, access, now().timestamp())
    return claims_of(token, key, algorithm, expected)


async def _exchanged(openid: OpenId, published: Published, shown: Redeemed) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": shown.code,
        "redirect_uri": shown.redirect_uri,
        "code_verifier": shown.verifier,
    }
    headers = [FORM]
    if shown.client_secret and not published.secret_in_body:
        known = f"{quote(shown.client_id, safe='')}:{quote(shown.client_secret, safe='')}"
        headers.append(("authorization", "Basic " + base64.b64encode(known.encode()).decode()))
    else:
        form["client_id"] = shown.client_id
        form |= {"client_secret": shown.client_secret} if shown.client_secret else {}
    try:
        answer = await openid.outbound.post(published.token_endpoint, headers, urlencode(form).encode())
    except Unreachable as error:
        raise ProviderUnreachable("the identity provider cannot be reached") from error
    if answer.status >= 500:
        raise ProviderUnreachable("the identity provider has a fault of its own")
    if answer.status != 200:
        raise SsoCodeRefused("the identity provider refused the code")
    try:
        return strict_json(answer.body)
    except Unauthenticated:
        raise SsoTokenRefused("the identity provider does not speak JSON") from None
