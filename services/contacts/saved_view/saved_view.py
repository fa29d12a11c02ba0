"""What a saved view is: its owner's own, or shared with everybody who may read views."""

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, or_

from chassis.access.sight import Sight
from chassis.resource.resource import Resource
from kith.contacts.v1.saved_view_pb2 import SavedView


class SavedViews(Resource[SavedView]):
    """Everybody sees what is shared; changing it takes what changing any record takes."""

    seen_otherwise = True

    def seen(self, sight: Sight) -> ColumnElement[bool]:
        in_tenant = self.table.c.tenant_id == bindparam("caller_tenant", type_=Uuid)
        return or_(super().seen(sight), and_(in_tenant, self.table.c.shared))


SAVED_VIEWS = SavedViews(SavedView)
