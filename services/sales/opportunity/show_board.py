"""The board: what is open in a pipeline, by stage."""

from typing import Any

from sqlalchemy import Integer, Select, Uuid, bindparam, func, select

from chassis.call import Call
from chassis.errors import PermissionDenied
from chassis.resource.filter import Filter, filter_for
from chassis.resource.filter_sql import expression
from chassis.resource.kinds import money
from chassis.resource.view import View
from kith.sales.v1.opportunity_pb2 import Board, ShowBoardRequest
from sales.opportunity.opportunity import OPPORTUNITIES
from sales.pipeline.pipeline import PIPELINES
from sales.stage.of_pipeline import stages_of

SHOWN, MOST_SHOWN = 20, 100
PLACE = {"pipeline_id", "stage_id", "state"}  # what a board is made of


async def show_board(call: Call, request: ShowBoardRequest) -> Board:
    """Numbers and sums are over what the caller may see, and sums only where amounts are among that.

    Raises PermissionDenied for whom opportunities stand in no stage.
    """
    pipeline = await PIPELINES.get(call, request.pipeline_id)
    view = call.view(OPPORTUNITIES)
    if not view.fields.keys() >= PLACE:
        raise PermissionDenied("where opportunities stand is not yours to see", permission=call.permission)
    wanted = filter_for(call, OPPORTUNITIES, request.filter)
    shown = min(request.page_size or SHOWN, MOST_SHOWN)
    binds = {"pipeline": pipeline.id, "shown": shown, **wanted.values}
    board, columns = Board(), dict[str, Board.Column]()
    for stage in await stages_of(call, pipeline.id):
        columns[stage.id] = board.columns.add(stage_id=stage.id, display_name=stage.display_name)
    shape = view.shape, wanted.shape
    for row in await call.ask(("board sums", shape), lambda: _sums(view, wanted), binds):
        column = columns[str(row["stage_id"])]
        column.count += row["count"]
        if row["total"] is not None:
            column.totals.add(**money(row["total"], row["currency"]))
    for row in await call.ask(("board newest", shape), lambda: _newest(view, wanted), binds):
        columns[str(row["stage_id"])].opportunities.add(**OPPORTUNITIES.codec.fields(row))
    return board


def _sums(view: View, wanted: Filter) -> Select[Any]:
    rows = _on_board(view, wanted)
    stage, currency = rows.c.stage_id, rows.c.amount_currency.label("currency")
    values = func.count().label("count"), func.sum(rows.c.amount).label("total")
    return select(stage, currency, *values).group_by(stage, currency)


def _newest(view: View, wanted: Filter) -> Select[Any]:
    rows = _on_board(view, wanted)
    rank = func.row_number().over(partition_by=rows.c.stage_id, order_by=rows.c.id.desc()).label("rank")
    ranked = select(*rows.c, rank).subquery()
    shown = ranked.c.rank <= bindparam("shown", type_=Integer)
    return select(*list(ranked.c)[:-1]).where(shown).order_by(ranked.c.id.desc())


def _on_board(view: View, wanted: Filter) -> Any:
    c = view.c
    chosen = c.pipeline_id == bindparam("pipeline", type_=Uuid), c.state == "OPEN", c.delete_time.is_(None)
    return select(*view.columns).where(*chosen, expression(wanted.shape, c)).subquery()
