"""The table of contents of notifications."""

from memberpulse.domains.accounts.facts import AccountErased, SignedOut
from memberpulse.domains.notifications import (
    http,
    jobs,
    moves,
    mutations,
    personal,
    preferences,
    queries,
    rhythm,
    waiting,
)
from memberpulse.domains.notifications.listening import (
    forget_member,
    tell_about_join_request,
    tell_new_member,
    tell_renewal,
)
from memberpulse.domains.notifications.push import contents as push
from memberpulse.domains.notifications.push.devices import end_devices
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.organizations.levels.facts import RenewalDue
from memberpulse.domains.organizations.requests.facts import JoinApprovalFinal, JoinRequestAct
from memberpulse.engine import Cron, Domain, on

DOMAIN = Domain(
    name="notifications",
    functions=[
        queries.list_unread,
        queries.list_inbox,
        queries.list_group,
        queries.count_inbox,
        queries.list_snooze_times,
        queries.explain_notice,
        moves.read_notices,
        moves.mark_all_read,
        moves.archive_notices,
        moves.unarchive_notices,
        moves.snooze_notices,
        moves.unsnooze_notices,
        moves.undo_change,
        mutations.mark_read,
        mutations.mark_unread,
        mutations.notify_members,
        mutations.notify_people,
        mutations.withdraw_notice,
        mutations.read_all_for,
        mutations.import_notices,
        preferences.list_my_preferences,
        preferences.set_preference,
        preferences.choose,
        preferences.mute_type,
        preferences.unmute_type,
        rhythm.get_my_rhythm,
        rhythm.set_quiet_hours,
        rhythm.set_letters,
        rhythm.stop_letters,
        waiting.release_due,
        waiting.tell_waiting,
        *push.FUNCTIONS,
        jobs.tell_next_members,
        jobs.clean_up,
        jobs.forget_pushes,
    ],
    crons=[
        Cron(job=jobs.clean_up, crontab="0 3 * * *"),
        Cron(job=jobs.forget_pushes, crontab="10 3 * * *"),
        Cron(job=waiting.release_due, crontab="*/5 * * * *"),
    ],
    routes=http.ROUTES,
    ui="memberpulse.domains.notifications.ui.pages",
    listeners=[
        on(AccountErased, personal.forget_names),
        on(SignedOut, end_devices),
        on(MemberRemoved, forget_member),
        on(MemberLeft, forget_member),
        on(JoinRequestAct, tell_about_join_request),
        on(JoinApprovalFinal, tell_new_member),
        on(RenewalDue, tell_renewal),
    ],
)
