"""The table of contents of events and their lines."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.audit import words
from memberpulse.domains.events import (
    covers,
    facts,
    helping,
    http,
    importing,
    listening,
    mutations,
    personal,
    policies,
    queries,
)
from memberpulse.domains.events.lines import (
    board,
    ending,
    jobs,
    joining,
    messages,
    paying,
    stations,
    undoing,
    wall,
    working,
)
from memberpulse.domains.events.lines import queries as lines
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.organizations.policies import register
from memberpulse.domains.payments.facts import PaymentCancelled, PaymentExpired, PaymentRefunded, PaymentSucceeded
from memberpulse.engine import Cron, Domain, on

words.register_kind("event", "Events")
words.register(facts.EventCreated, "made the event {target}")
words.register(facts.EventChanged, "changed the event {target}")
words.register(facts.EventPublished, "published the event {target}")
words.register(facts.EventClosed, "closed {target}")
words.register(facts.EventReopened, "opened {target} again")
words.register(facts.EventCancelled, "cancelled {target}")
words.register(facts.EventRemoved, "threw the draft {target} away")
words.register(facts.HelperAdded, "made {person} a helper")
words.register(facts.HelperRemoved, "took {person} off the helpers")
words.register(facts.CalledOutOfTurn, "called number {number} out of turn at {target}: {reason}")
words.register(facts.PlaceRemoved, "took number {number} out of the line of {target}: {reason}")

register(policies.CHANGE, policies.WORK)

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="events",
    functions=[
        queries.list_events,
        queries.get_event,
        queries.list_helper_choices,
        mutations.create_event,
        mutations.edit_event,
        mutations.publish_event,
        mutations.close_event,
        mutations.reopen_event,
        mutations.cancel_event,
        mutations.remove_event,
        mutations.duplicate_event,
        covers.set_cover,
        covers.remove_cover,
        importing.import_event,
        importing.forget_events,
        helping.add_helper,
        helping.remove_helper,
        lines.get_line,
        lines.get_my_place,
        lines.list_my_places,
        lines.list_open_lines,
        wall.get_wall,
        board.get_board,
        board.get_day,
        board.list_history,
        joining.join_line,
        joining.join_for,
        joining.leave_line,
        joining.leave_for,
        joining.hold_place,
        joining.release_hold,
        joining.edit_place,
        joining.set_notify_at,
        working.call_next,
        working.call_place,
        working.start_service,
        working.complete_service,
        working.mark_no_show,
        working.return_to_line,
        working.move_place,
        working.remove_place,
        working.add_walk_in,
        working.pause_line,
        working.resume_line,
        undoing.undo_deed,
        stations.open_station,
        stations.staff_station,
        stations.close_station,
        messages.message_line,
        messages.list_messages,
        messages.give_feedback,
        messages.list_feedback,
        ending.send_others_away,
        ending.end_removed,
        jobs.remind_called,
        jobs.give_up_on,
        jobs.tell_hold_over,
        jobs.return_money,
        jobs.ask_feedback,
        jobs.remind_of_event,
        jobs.put_ended_in_order,
        jobs.end_forgotten,
        jobs.forget_history,
    ],
    crons=[
        Cron(job=jobs.put_ended_in_order, crontab="25 * * * *"),
        Cron(job=jobs.forget_history, crontab="40 3 * * *"),
    ],
    listeners=[
        on(MemberLeft, listening.follow_leaving),
        on(MemberRemoved, listening.follow_removal),
        on(AccountErased, listening.forget_person),
        on(PaymentSucceeded, paying.follow_success),
        on(PaymentExpired, paying.follow_end),
        on(PaymentCancelled, paying.follow_end),
        on(PaymentRefunded, paying.follow_refund),
    ],
    routes=http.ROUTES,
    ui="memberpulse.domains.events.ui.pages",
)
