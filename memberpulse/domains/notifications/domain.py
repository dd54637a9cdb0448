"""The table of contents of notifications."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.notifications import http, jobs, mutations, personal, preferences, queries
from memberpulse.domains.notifications.listening import forget_member, tell_about_join_request, tell_renewal
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.organizations.levels.facts import RenewalDue
from memberpulse.domains.organizations.requests.facts import JoinRequestAct
from memberpulse.engine import Cron, Domain, on

DOMAIN = Domain(
    name="notifications",
    functions=[
        queries.list_unread,
        mutations.mark_read,
        mutations.mark_all_read,
        mutations.mark_unread,
        mutations.notify_members,
        mutations.notify_people,
        mutations.withdraw_notice,
        mutations.read_all_for,
        mutations.import_notices,
        preferences.list_my_preferences,
        preferences.set_preference,
        preferences.choose,
        jobs.tell_next_members,
        jobs.clean_up,
    ],
    crons=[Cron(job=jobs.clean_up, crontab="0 3 * * *")],
    routes=http.ROUTES,
    ui="memberpulse.domains.notifications.ui.pages",
    listeners=[
        on(AccountErased, personal.forget_names),
        on(MemberRemoved, forget_member),
        on(MemberLeft, forget_member),
        on(JoinRequestAct, tell_about_join_request),
        on(RenewalDue, tell_renewal),
    ],
)
