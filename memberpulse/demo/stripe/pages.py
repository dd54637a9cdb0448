"""The fake's pages, as a person sees them: paying by card, and setting up an account."""

import time
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.demo.stripe.state import Books, Thing
from memberpulse.domains.payments.rules import money_words

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}
_CARDS = (
    ("4242 4242 4242 4242", "is paid"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has too little money"),
)


class Pages:
    """The pages over the fake's books."""

    def __init__(self, books: Books) -> None:
        self._books = books
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        self._templates = Environment(loader=loader, autoescape=select_autoescape())

    def routes(self) -> list[Route]:
        return [
            Route("/", self.front, methods=["GET"]),
            Route("/checkout/{id}", self.checkout, methods=["GET", "POST"]),
            Route("/setup/{token}", self.setup, methods=["GET", "POST"]),
        ]

    async def front(self, request: Request) -> Response:
        return self._page("message.html", title="A stand-in for Stripe", text="It moves no money.", links=[])

    async def checkout(self, request: Request) -> Response:
        """The payment page. A declined card says so and lets another be tried."""
        session = self._books.sessions.get(request.path_params["id"])
        if session is None:
            return self._page("message.html", 404, title="No such payment page", text="", links=[])
        if session["status"] == "open" and session["expires_at"] <= time.time():
            self._books.session(session["account"], session["id"])
        if session["status"] == "complete":
            return RedirectResponse(session["success_url"], status_code=303)
        if session["status"] != "open":
            links = [("Go back", session["cancel_url"])]
            return self._page(
                "message.html", 410, title="This payment page is over", text="Nothing was charged.", links=links
            )
        declined = ""
        if request.method == "POST":
            form = await request.form()
            if self._books.pay(session["id"], str(form.get("card", ""))):
                return RedirectResponse(session["success_url"], status_code=303)
            declined = self._books.intents[session["payment_intent"]]["last_payment_error"]["message"]
        price = money_words(session["amount_total"], session["currency"].upper())
        return self._page("checkout.html", session=session, price=price, declined=declined, cards=_CARDS)

    async def setup(self, request: Request) -> Response:
        """The pages on which an account's holder tells about themselves, one step after the other."""
        link = self._books.links.get(request.path_params["token"])
        if link is None:
            return self._page("message.html", 404, title="No such page", text="", links=[])
        if link["expires_at"] <= time.time():
            return RedirectResponse(link["refresh_url"], status_code=303)
        account = self._books.accounts[link["account"]]
        if request.method == "POST":
            form = await request.form()
            self._step(account, str(form.get("step", "")))
            return RedirectResponse(request.url.path, status_code=303)
        return self._page("setup.html", account=account, link=link, step=_next_step(account))

    def _step(self, account: Thing, step: str) -> None:
        steps = {"details": self._books.give_details, "identity": self._books.verify, "bank": self._books.add_bank}
        if step in steps and step == _next_step(account):
            steps[step](account["id"])

    def _page(self, name: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), status_code=status, headers=_HEADERS)


def _next_step(account: Thing) -> str:
    if not account["details_submitted"]:
        return "details"
    if not account["charges_enabled"]:
        return "identity"
    return "done" if account["payouts_enabled"] else "bank"
