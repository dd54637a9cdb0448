"""The table of contents of announcements."""

from memberpulse.domains.announcements import facts, mutations, personal, queries
from memberpulse.domains.announcements.policies import WITHDRAW
from memberpulse.domains.audit import words
from memberpulse.domains.organizations.policies import register
from memberpulse.engine import Domain

words.register_kind("announcement", "Announcements")
words.register(facts.AnnouncementPosted, "posted {target}")
words.register(facts.AnnouncementWithdrawn, "withdrew {target}")

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="announcements",
    functions=[
        queries.list_announcements,
        queries.last_posted_at,
        mutations.post_announcement,
        mutations.post_for,
        mutations.withdraw_announcement,
        mutations.import_announcement,
        mutations.keep_latest,
    ],
    ui="memberpulse.domains.announcements.ui.pages",
)

register(WITHDRAW)
