"""The roles every tenant begins with; they can be changed like any other."""

from collections.abc import Mapping

from chassis.access.caller import Reach
from kith.identity.v1.function_pb2 import Function
from kith.identity.v1.role_pb2 import Grant, Role

OWN, TEAM, TREE, TENANT = Reach.OWN, Reach.TEAM, Reach.TEAM_TREE, Reach.TENANT

# What everybody needs to find their way: colleagues, the lists records are sorted by, and their own sessions.
_EVERYBODY: Mapping[str, Reach] = {
    "identity.tenant.read": TENANT,
    "identity.user.read": TENANT,
    "identity.team.read": TENANT,
    "identity.session.*": OWN,
    "contacts.saved_view.*": OWN,
    "contacts.tag.read": TENANT,
    "sales.pipeline.read": TENANT,
    "sales.stage.read": TENANT,
    "service_desk.queue.read": TENANT,
}
_RECORDS = ("contacts.account", "contacts.contact", "contacts.note", "contacts.task", "contacts.interaction")
_SALES = ("sales.lead", "sales.opportunity", "sales.stage_change")
_SERVICE = ("service_desk.case", "service_desk.case_message")
_CAMPAIGNS = ("marketing.campaign", "marketing.campaign_member")
_AUDIENCES = ("marketing.segment", "marketing.segment_membership", "marketing.contact_fact")


def _all(nouns: tuple[str, ...], reach: Reach) -> dict[str, Reach]:
    return {f"{noun}.*": reach for noun in nouns}


def _read(nouns: tuple[str, ...], reach: Reach) -> dict[str, Reach]:
    return {f"{noun}.read": reach for noun in nouns}


DEFAULTS: Mapping[str, Mapping[str, Reach]] = {
    "Admin": {"*": TENANT},
    "Sales manager": {
        **_EVERYBODY,
        **_all((*_RECORDS, *_SALES, "contacts.import_job"), TREE),
        **_read((*_SERVICE, *_CAMPAIGNS), TREE),
        **_read(_AUDIENCES, TENANT),
        "contacts.tag.*": TENANT,
    },
    "Sales rep": {**_EVERYBODY, **_all((*_RECORDS, *_SALES, "contacts.import_job"), OWN), **_read(_SERVICE, OWN)},
    "Service agent": {**_EVERYBODY, **_all((*_RECORDS, *_SERVICE), TEAM), **_read(_SALES, TEAM)},
    "Technical support": {
        **_EVERYBODY,
        **_all(_SERVICE, TEAM),
        **_read(_RECORDS, TENANT),
        **_all(("contacts.note", "contacts.task", "contacts.interaction"), TEAM),
    },
    "CRM manager": {
        **_EVERYBODY,
        **_read((*_RECORDS, *_SALES, *_SERVICE, *_CAMPAIGNS, *_AUDIENCES), TENANT),
        **_all(("sales.pipeline", "sales.stage", "service_desk.queue", "contacts.tag"), TENANT),
    },
    "Marketer": {
        **_EVERYBODY,
        **_all(_CAMPAIGNS, TENANT),
        **_all(_AUDIENCES, TENANT),
        **_read((*_RECORDS, *_SALES), TENANT),
        "contacts.import_job.*": OWN,
        "contacts.tag.*": TENANT,
    },
    "Viewer": {**_EVERYBODY, "*.*.read": TENANT},
}
ADMIN = "Admin"
FUNCTIONS: Mapping[str, Function.ValueType] = {
    "Marketer": Function.MARKETING,
    "Sales rep": Function.SALES,
    "Service agent": Function.SERVICE,
    "Technical support": Function.TECH_SUPPORT,
    "CRM manager": Function.CRM_MANAGER,
}


def default_roles() -> list[Role]:
    return [
        Role(
            display_name=name,
            system=True,
            functions=[FUNCTIONS[name]] if name in FUNCTIONS else [],
            grants=[Grant(permission=permission, reach=int(reach)) for permission, reach in grants.items()],  # type: ignore[arg-type]  # the enums agree number by number
        )
        for name, grants in DEFAULTS.items()
    ]
