"""The hand-written rooms as OpenAPI: what no descriptor can say."""

from collections.abc import Mapping
from typing import Any

from gateway.nouns import Noun
from gateway.openapi.operations import REFUSALS
from gateway.openapi.schemas import Schema, Schemas

TEXT: Schema = {"type": "string"}
WHEN: Schema = {"type": "string", "format": "date-time"}
ANY: Schema = {"type": "object", "additionalProperties": True}
UUID: Schema = {"type": "string", "format": "uuid"}


def paths(nouns: Mapping[str, Noun], schemas: Schemas, who_am_i: Any) -> Schema:
    """`who_am_i` is the descriptor of identity's reply, where the contract has one."""
    who = schemas.ref(who_am_i) if who_am_i else ANY
    return {
        "/v1/session": {
            "post": _room(
                "SignIn", "Session", "Signs in: sets the session's cookie.",
                {"csrfToken": TEXT, **TOKENS, "deviceToken": TEXT},
                parameters=[_query("mode", "`token` for programs: the reply has the tokens too.", {"enum": ["token"]})],
                body=_object(
                    {"email": TEXT, "password": TEXT, "tenant": TEXT, "deviceToken": TEXT}, ["email", "password"]
                ), public=True,
            ),
            "get": _room("ShowSession", "Session", "Says who is signed in; `csrfToken` where it is by cookie.",
                         {"csrfToken": TEXT}, {"allOf": [{"$ref": who["$ref"]}]} if "$ref" in who else ANY),
            "delete": _room("SignOut", "Session", "Signs out, everywhere within five seconds.", {}),
        },
        "/v1/session:refresh": {
            "post": _room("RefreshSession", "Session", "Trades a refresh token for new tokens; it is spent then.",
                          TOKENS, body=_object({"refreshToken": TEXT}, ["refreshToken"]), public=True),
        },
        "/v1/session/sso/{provider}": {
            "get": _room("BeginSso", "Session", "Sends a browser to an identity provider of its tenant.", {},
                         parameters=[PROVIDER, RETURN], public=True),
        },
        "/v1/session/sso/{provider}:link": {
            "post": _room("LinkIdentity", "Session",
                          "Says where to send the browser, so that the caller can sign in by that provider, too.",
                          {"authorizationUrl": TEXT}, parameters=[PROVIDER, RETURN]),
        },
        "/v1/session:acceptInvitation": {
            "post": _room("AcceptInvitation", "Session", "Makes an invited user an active one, with a password.",
                          {"email": TEXT}, public=True,
                          body=_link({"password": TEXT, "displayName": TEXT}, "password")),
        },
        "/v1/session:requestPasswordReset": {
            "post": _room("RequestPasswordReset", "Session", "Has a link sent by which a password is set; answers the "
                          "same where there is no such account.", {}, body=_object({"email": TEXT}, ["email"]),
                          public=True),
        },
        "/v1/session:resetPassword": {
            "post": _room("ResetPassword", "Session", "Sets a password by a link, and ends all sessions.", {},
                          body=_link({"password": TEXT}, "password"), public=True),
        },
        "/v1/session:confirmEmailChange": {
            "post": _room("ConfirmEmailChange", "Session", "Makes a new e-mail the user's, by the link sent there.", {},
                          body=_link({}), public=True),
        },
        "/v1/session:verifyMfa": {
            "post": _room("VerifyMfa", "Session", "Shows a code of the app, or a recovery code; the cookie changes.",
                          STEPPED, body=_object({"code": TEXT, "deviceToken": TEXT}, ["code"])),
        },
        "/v1/session:confirmMfa": {
            "post": _room("ConfirmMfa", "Session", "Shows the app's first code: it counts from then on. Recovery codes "
                          "are told once.", {**STEPPED, "recoveryCodes": _list(TEXT)},
                          body=_object({"code": TEXT}, ["code"])),
        },
        "/v1/search": {
            "get": _room("Search", "Views", "Finds words in every noun, what begins with them first.",
                         {"results": _list(_found(nouns)), "missing": MISSING},
                         parameters=[_query("query", "One or more words.", TEXT | {"maxLength": 200}, needed=True)]),
        },
        "/v1/schema": {"get": _room("ShowSchema", "Schema", "Nouns, fields and acts that the caller may know of, "
                                    "the tenant's own fields included.", {"nouns": _list(ANY)})},
        "/v1/home": {"get": _room("ShowHome", "Views", "My open tasks, pipeline by stage, cases and leads.", {}, VIEW)},
        "/v1/contacts/{id}/overview": {"get": _overview("contact")},
        "/v1/accounts/{id}/overview": {"get": _overview("account")},
        "/v1/events/stream": {"get": _stream()},
        "/v1/limits": {"get": _room("ShowLimits", "Limits", "How much may be asked, and how much is left.",
                                    {"limits": _list(ANY), "costs": ANY, "largestBodyBytes": {"type": "integer"}},
                                    public=True)},
    }  # fmt: skip


def _room(
    id: str, tag: str, says: str, properties: Schema, schema: Schema | None = None, *,
    parameters: list[Schema] | None = None, body: Schema | None = None, public: bool = False,
) -> Schema:  # fmt: skip
    reply = schema or _object(properties, [name for name in properties if name in ALWAYS])
    made: Schema = {
        "operationId": id,
        "tags": [tag],
        "summary": says.rstrip("."),
        "description": says,
        "x-kith-label": dict(zip(("zh", "en"), LABELS[id], strict=True)),
        "parameters": parameters or [],
        "responses": {"200": {"description": "Done.", "content": {"application/json": {"schema": reply}}}} | REFUSALS,
    }
    if body:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made | ({"security": []} if public else {})


def _overview(noun: str) -> Schema:
    says = f"Shows one {noun} with everything that happened: timeline, opportunities, cases, tasks, notes, campaigns."
    where = [{"name": "id", "in": "path", "required": True, "schema": UUID}]
    return _room(f"Show{noun.capitalize()}Overview", "Views", says, {}, VIEW, parameters=where)


def _stream() -> Schema:
    says = (
        "Tells what changes as server-sent events: `hello`, `changed` with the records as the caller may see them, "
        "and `reset` where something may have been missed. Ends with the session."
    )
    last = {"name": "Last-Event-ID", "in": "header", "description": "Where to go on.", "schema": TEXT}
    made = _room("StreamEvents", "Live", says, {}, parameters=[last])
    made["responses"]["200"]["content"] = {"text/event-stream": {"schema": TEXT}}
    return made


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _link(more: Schema, *needed: str) -> Schema:
    """`token` is what the link in the mail ends with."""
    return _object({"token": TEXT, **more}, ["token", *needed])


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _query(name: str, says: str, schema: Schema, needed: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": needed, "description": says, "schema": schema}


def _found(nouns: Mapping[str, Noun]) -> Schema:
    record = _object({"id": UUID, "displayName": TEXT}, ["id", "displayName"])
    noun = TEXT | {"enum": list(nouns)} if nouns else TEXT
    return _object({"noun": noun, "plural": TEXT, "label": ANY, "records": _list(record)}, ["noun", "records"])


LABELS = {
    "BeginSso": ("单点登录", "Single sign-on"),
    "LinkIdentity": ("关联外部身份", "Link identity"),
    "SignIn": ("登录", "Sign in"),
    "ShowSession": ("当前会话", "Who is signed in"),
    "SignOut": ("退出登录", "Sign out"),
    "RefreshSession": ("刷新令牌", "Refresh tokens"),
    "VerifyMfa": ("两步验证", "Second step"),
    "ConfirmMfa": ("启用两步验证", "Turn on the second factor"),
    "AcceptInvitation": ("接受邀请", "Accept invitation"),
    "RequestPasswordReset": ("找回密码", "Reset password"),
    "ResetPassword": ("重设密码", "Set a new password"),
    "ConfirmEmailChange": ("确认新邮箱", "Confirm new e-mail"),
    "Search": ("搜索", "Search"),
    "ShowSchema": ("数据结构", "Schema"),
    "ShowHome": ("工作台", "Home"),
    "ShowContactOverview": ("联系人全景", "Contact overview"),
    "ShowAccountOverview": ("客户全景", "Account overview"),
    "StreamEvents": ("实时变更", "Live changes"),
    "ShowLimits": ("用量限制", "Limits"),
}
PROVIDER: Schema = {"name": "provider", "in": "path", "required": True, "schema": UUID}
RETURN: Schema = _query("return", "Where the browser goes afterwards: a path of ours.", TEXT | {"maxLength": 500})
TOKENS: Schema = {"accessToken": TEXT, "accessTokenExpireTime": WHEN, "refreshToken": TEXT}
STEPPED: Schema = {"csrfToken": TEXT, **TOKENS}
MISSING: Schema = _list(_object({"part": TEXT, "reason": TEXT}, ["part", "reason"]))
ALWAYS = {"missing", "results", "limits", "costs", "nouns"}
VIEW: Schema = {
    "type": "object",
    "description": "Each part by its name; one that is missing is null and named.",
    "properties": {"missing": MISSING, "more": _list(TEXT)},
    "required": ["missing", "more"],
    "additionalProperties": True,
}
