"""What a saved view is: its owner's own, or shared with everybody who may read views."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, or_

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import PermissionDenied
from chassis.resource.resource import Resource
from kith.contacts.v1.saved_view_pb2 import SavedView


class SavedViews(Resource[SavedView]):
    """Everybody sees what is shared; changing it takes the reach that changing any record takes."""

    def within(self, reach: Reach) -> ColumnElement[bool]:
        in_tenant = self.table.c.tenant_id == bindparam("caller_tenant", type_=Uuid)
        return or_(super().within(reach), and_(in_tenant, self.table.c.shared))

    async def lock(self, call: Call, id: str, etag: str = "", **more: Any) -> SavedView:
        """Raises what every lock raises, and PermissionDenied for somebody else's shared one."""
        view = await super().lock(call, id, etag, **more)
        caller, reach = call.caller, call.reach(self.noun.permission, "update")
        teams = {Reach.TEAM: caller.team_ids, Reach.TEAM_TREE: (*caller.team_ids, *caller.teams_below)}.get(reach, ())
        theirs = reach is Reach.TENANT or view.owner_id == str(caller.user_id) or view.team_id in map(str, teams)
        if not theirs:
            raise PermissionDenied(f"SavedView {id} is not yours to change", permission=call.permission)
        return view


SAVED_VIEWS = SavedViews(SavedView)
