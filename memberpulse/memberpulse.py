"""The composition root: which pages exist, and the Reflex app that shows them."""

import os
from importlib import import_module

import reflex as rx

from memberpulse.ui.page import all_pages

PAGES = ["memberpulse.pages.landing"]
DEVELOPMENT_PAGES = ["memberpulse.pages.kit"]


def _build_app() -> rx.App:
    development = os.environ.get("MEMBERPULSE_DEV") == "1"
    for module in PAGES + (DEVELOPMENT_PAGES if development else []):
        import_module(module)
    app = rx.App(html_lang="en-GB", stylesheets=[])
    app.app_wraps.pop((5, "Overlay"))
    app.app_wraps.pop((4, "ExtraOverlay"))
    for spec in all_pages():
        app.add_page(
            spec.component, route=spec.route, title=f"{spec.title} · MemberPulse", description=spec.description
        )
    return app


app = _build_app()
