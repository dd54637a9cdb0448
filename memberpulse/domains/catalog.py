"""All domains, lowest first. The composition root and the command line take them from here."""

from memberpulse.demo.domain import DOMAIN as DEMO
from memberpulse.domains.accounts.domain import DOMAIN as ACCOUNTS
from memberpulse.domains.activity.domain import DOMAIN as ACTIVITY
from memberpulse.domains.announcements.domain import DOMAIN as ANNOUNCEMENTS
from memberpulse.domains.approvals.domain import DOMAIN as APPROVALS
from memberpulse.domains.audit.domain import DOMAIN as AUDIT
from memberpulse.domains.events.domain import DOMAIN as EVENTS
from memberpulse.domains.files.domain import DOMAIN as FILES
from memberpulse.domains.mail.domain import DOMAIN as MAIL
from memberpulse.domains.newsletter.domain import DOMAIN as NEWSLETTER
from memberpulse.domains.notifications.domain import DOMAIN as NOTIFICATIONS
from memberpulse.domains.organizations.asking import note_functions
from memberpulse.domains.organizations.domain import DOMAIN as ORGANIZATIONS
from memberpulse.domains.payments.domain import DOMAIN as PAYMENTS
from memberpulse.domains.presence.domain import DOMAIN as PRESENCE
from memberpulse.domains.records.domain import DOMAIN as RECORDS
from memberpulse.engine import function_of

DOMAINS = [
    MAIL,
    ACCOUNTS,
    NEWSLETTER,
    ORGANIZATIONS,
    ACTIVITY,
    AUDIT,
    NOTIFICATIONS,
    PRESENCE,
    PAYMENTS,
    FILES,
    APPROVALS,
    ANNOUNCEMENTS,
    RECORDS,
    EVENTS,
    DEMO,
]

note_functions(function_of(call) for domain in DOMAINS for call in domain.functions)
