"""The table of contents of announcements."""

from memberpulse.domains.announcements import mutations, queries
from memberpulse.engine import Domain

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
