"""The table of contents of presence. `observer` connects it to the sockets."""

from memberpulse.domains.accounts.facts import SignedOut
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.presence import jobs, mutations, personal, queries
from memberpulse.domains.presence.listening import forget_member, see_off
from memberpulse.domains.presence.rules import SAMPLE_EVERY
from memberpulse.engine import Cron, Domain, on

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="presence",
    functions=[
        queries.list_online,
        queries.list_seen,
        queries.list_here,
        queries.list_looking,
        queries.count_active,
        queries.get_trend,
        mutations.saw_people,
        mutations.left,
        mutations.import_samples,
        jobs.sample_presence,
        jobs.forget_stale,
    ],
    crons=[
        Cron(job=jobs.sample_presence, every=SAMPLE_EVERY),
        Cron(job=jobs.forget_stale, every=SAMPLE_EVERY),
    ],
    listeners=[on(MemberRemoved, forget_member), on(MemberLeft, forget_member), on(SignedOut, see_off)],
)
