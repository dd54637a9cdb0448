"""What the demo does by the clock."""

from memberpulse.demo.mutations import play
from memberpulse.demo.people import FERNHILL_ID
from memberpulse.engine import ActionCtx, job, system


@job(max_attempts=1)
async def play_step(ctx: ActionCtx) -> None:
    """Let the script of the demo's organization go on by a step."""
    await ctx.run(play, system(FERNHILL_ID), {})
