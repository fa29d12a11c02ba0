"""Making and changing sharing rules: nobody shares more than they may, or by what they do not see, or with nobody."""

from uuid import UUID

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.standard import standard, told_from_the_root
from identity.role.rules import refuse_wider
from identity.sharing.known import TEAM_IS_THERE, USER_IS_THERE
from identity.sharing_rule import rules
from identity.sharing_rule.meaning import refuse_meaningless
from identity.sharing_rule.sharing_rule import SHARING_RULES
from kith.identity.v1.sharing_rule_pb2 import (
    CreateSharingRuleRequest,
    SharingRule,
    UndeleteSharingRuleRequest,
    UpdateSharingRuleRequest,
)

_CREATE = standard(SHARING_RULES, "CreateSharingRule")
_UPDATE = standard(SHARING_RULES, "UpdateSharingRule")


async def create_sharing_rule(call: Call, request: CreateSharingRuleRequest) -> SharingRule:
    """Raises NotShareable, GrantTooWide."""
    with told_from_the_root(SHARING_RULES):
        rules.check(request.sharing_rule)
        await _refuse_unfit(call, request.sharing_rule)
    return await _CREATE(call, request)


async def update_sharing_rule(call: Call, request: UpdateSharingRuleRequest) -> SharingRule:
    """Raises GrantTooWide, for whoever could not have made it as it is then."""
    after = await _UPDATE(call, request)
    with told_from_the_root(SHARING_RULES):
        await _refuse_unfit(call, after)
    return after


async def undelete_sharing_rule(call: Call, request: UndeleteSharingRuleRequest) -> SharingRule:
    """Raises as its making would."""
    rule = await SHARING_RULES.undelete(call, request.id, request.etag)
    await _refuse_unfit(call, rule)
    return rule


async def _refuse_unfit(call: Call, rule: SharingRule) -> None:
    refuse_meaningless(rule, call.caller.unreadable, call.caller.custom)
    refuse_wider(call.caller, {f"{rule.noun}.share": Reach.TENANT})
    field = "user_id" if rule.user_id else "team_id"
    asked = USER_IS_THERE if rule.user_id else TEAM_IS_THERE
    (row,) = await call.fetch(asked, {"grantee": UUID(rule.user_id or rule.team_id)})
    if not row[0]:
        raise InvalidArgument.of(field, "points at nothing")
