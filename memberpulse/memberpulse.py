"""The composition root: which domains and pages exist, the engine that runs them, and the app that shows them."""

from importlib import import_module

import reflex as rx
from reflex.utils.exec import is_prod_mode
from starlette.types import ASGIApp

from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.asking import note_pages
from memberpulse.pages.shell import make_shell
from memberpulse.process import make_engine, running
from memberpulse.server.serve import develop, house, protect
from memberpulse.settings import get_settings
from memberpulse.ui.components.toasts import toasts
from memberpulse.ui.failed import failure_boundary
from memberpulse.ui.layout import use_shell
from memberpulse.ui.live import live_page
from memberpulse.ui.page import all_pages
from memberpulse.ui.theme import STYLESHEETS, head_components

PAGES = [
    "memberpulse.pages.landing",
    "memberpulse.pages.not_found",
    "memberpulse.domains.accounts.ui.pages",
    "memberpulse.domains.accounts.ui.links",
    "memberpulse.domains.accounts.ui.second_step",
    "memberpulse.domains.accounts.ui.security",
    "memberpulse.domains.accounts.ui.profile",
    "memberpulse.domains.accounts.ui.sessions",
    "memberpulse.domains.accounts.ui.data",
    "memberpulse.domains.organizations.ui.rights_pages",
    "memberpulse.pages.dashboard",
    "memberpulse.pages.members",
]
DEVELOPMENT_PAGES = ["memberpulse.ui.kit_page", "memberpulse.domains.events.ui.kit"]

settings = get_settings()
engine = make_engine(settings, serves=True)


def create_app() -> ASGIApp:
    """The whole server as one ASGI application, for production."""
    return house(app, engine, settings, running, app())


def _build_app() -> rx.App:
    use_shell(make_shell())
    for module in _page_modules():
        import_module(module)
    app = rx.App(
        html_lang="en-GB",
        stylesheets=STYLESHEETS,
        head_components=head_components(),
        toaster=toasts(),
        extra_app_wraps={(6, "LivePage"): _live_page},
    )
    app.app_wraps[55, "ErrorBoundary"] = failure_boundary
    app.app_wraps.pop((5, "Overlay"))
    app.app_wraps.pop((4, "ExtraOverlay"))
    note_pages((spec.title, spec.route, spec.requires) for spec in all_pages())
    for spec in all_pages():
        title = "MemberPulse" if spec.route == "/" else f"{spec.title} · MemberPulse"
        app.add_page(  # pyright: ignore[reportUnknownMemberType]
            spec.with_sheets(), route=spec.route, title=title, description=spec.description or title
        )
    protect(app, engine)
    if not is_prod_mode():
        develop(app, engine, settings, running)
    return app


def _live_page(stateful: bool) -> rx.Component:
    return rx.fragment(live_page())  # pyright: ignore[reportUnknownMemberType]


def _page_modules() -> list[str]:
    domains = [domain.ui for domain in DOMAINS if domain.ui]
    return PAGES + domains + (DEVELOPMENT_PAGES if settings.dev else [])


app = _build_app()
