"""The pages of events, registered by being imported."""

from memberpulse.domains.events.ui import event_page, form_pages, list_page, wall_page
from memberpulse.domains.events.ui.board import page

__all__ = ["event_page", "form_pages", "list_page", "page", "wall_page"]
