"""GET /v1/schema: the nouns, fields and acts that whoever asks may know of, the tenant's own fields included.

What it says follows from the contract, which is read once, and from who the caller is, which identity says each time:
a field that is hidden from them is not in it, and neither is a noun that nothing was granted them of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.grants import matches, reach_of
from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import unauthenticated
from gateway.schema.nouns import Json, NounSchema
from gateway.session.identity import Identity

REACHES = ("REACH_UNSPECIFIED", "OWN", "TEAM", "TEAM_TREE", "TENANT")
RIGHTS = ("NONE", "MASKED", "READ", "WRITE")
OPEN = "custom_fields"
COST = 5  # as a view
_COPIED = ("required", "unique", "searchable", "sensitive", "deprecated", "formula", "reference")


class SchemaRooms:
    def __init__(self, nouns: Sequence[NounSchema], identity: Identity, limits: Limits) -> None:
        self._nouns, self._identity, self._limits = nouns, identity, limits

    async def show(self, request: Request) -> Response:
        incoming: Incoming = request.scope["kith"]
        await self._limits.admit(incoming, COST)
        if not incoming.token:
            raise unauthenticated("nobody is signed in")
        told = schema_for(self._nouns, await self._identity.who_am_i(incoming))
        return Response(orjson.dumps(told), media_type="application/json")


@dataclass(frozen=True)
class _Asker:
    """Who asks, as the principal in the answer of WhoAmI has it."""

    grants: Mapping[str, int]
    denied: Sequence[str]
    rights: Mapping[str, int]
    closed: frozenset[str]  # nouns of which only the fields in `rights` are there

    @classmethod
    def of(cls, principal: Mapping[str, Any]) -> Self:
        return cls(
            grants={one["permission"]: REACHES.index(one["reach"]) for one in principal.get("grants", ())},
            denied=[one["permission"] for one in principal.get("denied", ())],
            rights={one["field"]: RIGHTS.index(one["right"]) for one in principal.get("fieldRights", ())},
            closed=frozenset(principal.get("closedNouns", ())),
        )

    def reach(self, permission: str) -> int:
        if not permission:
            return len(REACHES) - 1
        denied = any(matches(pattern, permission) for pattern in self.denied)
        return 0 if denied else reach_of(permission, self.grants, 0)

    def works_with(self, noun: NounSchema) -> bool:
        """By something that was granted: what everybody may do with their own shows nobody a noun."""
        return any(act.permission and self.reach(act.permission) for act in noun.acts)

    def right(self, noun: NounSchema, name: str) -> int | None:
        """None where nothing limits it."""
        hidden = noun.name in self.closed and name in noun.own
        return self.rights.get(f"{noun.name}.{name}", 0 if hidden else None)

    def right_to_custom(self, noun: NounSchema, code: str) -> int | None:
        """Never more than to all of them together."""
        unsaid = 0 if noun.name in self.closed else None
        rights = [self.right(noun, OPEN), self.rights.get(f"{noun.name}.{OPEN}.{code}", unsaid)]
        return min((right for right in rights if right is not None), default=None)


def schema_for(nouns: Sequence[NounSchema], who: Mapping[str, Any]) -> Json:
    """`who` is the answer of WhoAmI, as JSON."""
    asker = _Asker.of(who.get("principal") or {})
    custom: dict[str, list[Json]] = {}
    for one in who.get("customFields", ()):
        custom.setdefault(one["object"], []).append(one)
    return {"nouns": [_noun(noun, asker, custom.get(noun.name, ())) for noun in nouns if asker.works_with(noun)]}


def _noun(noun: NounSchema, asker: _Asker, custom: Sequence[Json]) -> Json:
    """Its reading reaches as far as `reach` says; an act that is not granted is left out."""
    acts = [{**act.shown, "reach": REACHES[reach]} for act in noun.acts if (reach := asker.reach(act.permission))]
    fields = [_limited(one, asker.right(noun, name)) for name, one in noun.fields.items()]
    fields += [_limited(_custom(one), asker.right_to_custom(noun, one["code"])) for one in custom]
    return {**noun.shown, "fields": [one for one in fields if one], "acts": acts}


def _limited(field: Json, right: int | None) -> Json:
    """Empty for a hidden one; of a masked one nothing can be asked."""
    if right is None:
        return {**field, "right": "READ" if field["outputOnly"] else "WRITE"}
    if not right:
        return {}
    closed = {"sortable": False, "searchable": False} if right == 1 else {}
    return {**field, **closed, "right": RIGHTS[min(right, 2) if field["outputOnly"] else right]}


def _custom(one: Json) -> Json:
    """A custom field as a field: `customFields.tier` in records and `custom_fields.tier` in filters."""
    kind = one["type"].removeprefix("FIELD_TYPE_").lower()
    found: Json = {
        "name": f"customFields.{one['code']}",
        "type": kind,
        "label": _label(one),
        "repeated": kind == "multi_pick",
        "outputOnly": kind == "formula",
        "immutable": False,
        "sortable": kind not in ("multi_pick", "long_text"),
        "custom": True,
    }
    found |= {name: one[name] for name in _COPIED if one.get(name) or name in ("required", "unique", "searchable")}
    if one.get("options"):
        found["options"] = [
            {"value": each["code"], "label": _label(each), "retired": each["retired"]} for each in one["options"]
        ]
    if kind == "formula":
        found["result"] = one["formulaType"].removeprefix("FIELD_TYPE_").lower()
    if one.get("defaultValue"):
        found["default"] = orjson.loads(one["defaultValue"])
    return found


def _label(one: Json) -> Json:
    """In each language by its own name, or else by the other's, or by the code."""
    zh, en = one["labelZh"] or one["labelEn"] or one["code"], one["labelEn"] or one["labelZh"] or one["code"]
    return {"zh": zh, "en": en}
