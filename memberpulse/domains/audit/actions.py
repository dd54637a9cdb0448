"""Checking the chain: too long for one transaction, so it goes on in batches."""

from memberpulse.domains.audit.mutations import keep_verdict
from memberpulse.domains.audit.queries import check_entries, get_head
from memberpulse.domains.audit.rules import Walk, finish, sentence_of
from memberpulse.domains.audit.schemas import ChainHead, Verdict
from memberpulse.engine import ActionCtx, action

CHECKED_AT_ONCE = 1000


@action(requires="audit.view", limit="12/minute")
async def verify_chain(ctx: ActionCtx) -> Verdict:
    """Check every kept entry against its hash and the one before, up to the end as it is when the check begins."""
    head: ChainHead = await ctx.query(get_head)
    result = await _check(ctx, head)
    if result.fault:
        now: ChainHead = await ctx.query(get_head)
        if now.pruned_sequence != head.pruned_sequence:  # what was to be checked has gone, as it should
            head, result = now, await _check(ctx, now)
    sentence = sentence_of(result)
    await ctx.mutate(keep_verdict, intact=not result.fault, sentence=sentence, by=ctx.caller.user_id)
    return Verdict(
        intact=not result.fault, sentence=sentence, entries=result.count, since=result.first_at, hash=head.hash
    )


async def _check(ctx: ActionCtx, head: ChainHead) -> Walk:
    so_far = Walk(head.pruned_sequence, head.pruned_hash)
    while so_far.sequence < head.sequence and not so_far.fault:
        further: Walk = await ctx.query(
            check_entries, so_far=so_far, until_sequence=head.sequence, count=CHECKED_AT_ONCE
        )
        if further.sequence == so_far.sequence:
            so_far = further
            break
        so_far = further
    return finish(so_far, sequence=head.sequence, head_hash=head.hash, stray=_stray(head))


def _stray(head: ChainHead) -> int | None:
    if head.lowest is not None and head.lowest <= head.pruned_sequence:
        return head.lowest
    return head.highest if head.highest is not None and head.highest > head.sequence else None
