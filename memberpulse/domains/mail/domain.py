"""The table of contents of mail."""

from memberpulse.domains.mail import delivery, http, jobs, mutations, queries
from memberpulse.engine import Cron, Domain

DOMAIN = Domain(
    name="mail",
    functions=[
        queries.get_mailbox_state,
        queries.list_letters,
        queries.get_letter,
        queries.get_letter_html,
        mutations.send_letter,
        mutations.note_event,
        mutations.forget_mail_to,
        delivery.find_waiting,
        delivery.send,
        delivery.note_taken,
        delivery.note_refused,
        delivery.note_delayed,
        delivery.deliver,
        jobs.prune_mail,
    ],
    crons=[Cron(job=jobs.prune_mail, crontab="45 2 * * *")],
    routes=http.ROUTES,
    ui="memberpulse.domains.mail.ui.pages",
)
