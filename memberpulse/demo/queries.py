"""Reads of the demo."""

from sqlalchemy import select

from memberpulse.demo.models import DemoScript
from memberpulse.demo.schemas import DemoState
from memberpulse.engine import QueryCtx, query


@query(requires="dashboard.view")
def get_demo(ctx: QueryCtx) -> DemoState:
    """Whether scripted people move about in this organization, and how many are there."""
    script = ctx.db.scalars(select(DemoScript)).one_or_none()
    if script is None:
        return DemoState(playing=False, people=0, scripted=False)
    return DemoState(playing=script.playing, people=len(script.stage) if script.playing else 0)
