"""All domains, lowest first. The composition root and the command line take them from here."""

from memberpulse.demo.domain import DOMAIN as DEMO
from memberpulse.domains.accounts.domain import DOMAIN as ACCOUNTS
from memberpulse.domains.activity.domain import DOMAIN as ACTIVITY
from memberpulse.domains.announcements.domain import DOMAIN as ANNOUNCEMENTS
from memberpulse.domains.approvals.domain import DOMAIN as APPROVALS
from memberpulse.domains.notifications.domain import DOMAIN as NOTIFICATIONS
from memberpulse.domains.organizations.domain import DOMAIN as ORGANIZATIONS
from memberpulse.domains.presence.domain import DOMAIN as PRESENCE

DOMAINS = [ACCOUNTS, ORGANIZATIONS, ACTIVITY, NOTIFICATIONS, PRESENCE, APPROVALS, ANNOUNCEMENTS, DEMO]
