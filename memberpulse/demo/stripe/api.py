"""The fake's API: the calls that payments make, with Stripe's forms, errors and idempotency keys."""

import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from memberpulse.demo.stripe.state import Books, Refusal, Thing, invalid, shown

Work = Callable[[str, dict[str, str], Thing], Thing]
"""Account, path parameters and form to a thing."""


class Api:
    """Stripe's API over the fake's books. key: the only one that it takes."""

    def __init__(self, books: Books, key: str) -> None:
        self.books = books
        self.key = key
        self.down = False
        """Whether it answers nothing but 503."""
        self.posts: list[tuple[str, str]] = []
        """Path and idempotency key of every POST, for tests."""
        self._answers: dict[tuple[str, str], tuple[str, int, Thing]] = {}

    def routes(self) -> list[Route]:
        books = self.books
        return [
            self._route("POST", "/v1/accounts", lambda account, path, form: books.create_account(form)),
            self._route("GET", "/v1/accounts/{id}", lambda account, path, form: books.account(path["id"])),
            self._route("POST", "/v1/account_links", lambda account, path, form: books.create_link(form)),
            self._route(
                "POST", "/v1/checkout/sessions", lambda account, path, form: books.create_session(account, form)
            ),
            self._route("GET", "/v1/checkout/sessions/{id}", self._session),
            self._route(
                "POST",
                "/v1/checkout/sessions/{id}/expire",
                lambda account, path, form: books.expire_session(account, path["id"]),
            ),
            self._route(
                "GET", "/v1/payment_intents/{id}", lambda account, path, form: books.intent(account, path["id"])
            ),
            self._route("POST", "/v1/refunds", lambda account, path, form: books.create_refund(account, form)),
            self._route("GET", "/v1/refunds", self._refunds),
        ]

    def _session(self, account: str, path: dict[str, str], form: Thing) -> Thing:
        session = self.books.session(account, path["id"])
        wants_intent = "payment_intent" in dict(form.get("expand", {})).values()
        intent_id = session["payment_intent"]
        return (
            session | {"payment_intent": shown(self.books.intents[intent_id])}
            if wants_intent and intent_id
            else session
        )

    def _refunds(self, account: str, path: dict[str, str], form: Thing) -> Thing:
        wanted = form.get("payment_intent")
        found = [
            each
            for each in self.books.refunds.values()
            if each["account"] == account and wanted in (None, each["payment_intent"])
        ]
        return {"object": "list", "data": [shown(each) for each in found], "has_more": False, "url": "/v1/refunds"}

    def _route(self, method: str, path: str, work: Work) -> Route:
        async def answer(request: Request) -> Response:
            if self.down:
                return _problem(Refusal(503, "api_error", "The fake plays dead."))
            try:
                return await self._answer(request, work)
            except Refusal as refusal:
                return _problem(refusal)

        return Route(path, answer, methods=[method])

    async def _answer(self, request: Request, work: Work) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "invalid_request_error", "Invalid API Key provided.")
        account, path = request.headers.get("stripe-account", ""), dict(request.path_params)
        if request.method == "GET":
            return JSONResponse(shown(work(account, path, read_form(request.url.query))))
        body = (await request.body()).decode()
        key = request.headers.get("idempotency-key", "")
        self.posts.append((request.url.path, key))
        known = self._answers.get((account, key)) if key else None
        if known is not None:
            return _repeated(known, f"{request.url.path}?{body}")
        try:
            status, said = 200, shown(work(account, path, read_form(body)))
        except Refusal as refusal:
            status, said = refusal.status, refusal.body
        if key:
            self._answers[account, key] = f"{request.url.path}?{body}", status, said
        return JSONResponse(said, status_code=status)


def _repeated(known: tuple[str, int, Thing], asked: str) -> Response:
    """The answer given before, if the same was asked. Source: https://docs.stripe.com/api/idempotent_requests"""
    before, status, said = known
    if before != asked:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        raise Refusal(400, "idempotency_error", message)
    return JSONResponse(said, status_code=status, headers={"Idempotent-Replayed": "true"})


def _problem(refusal: Refusal) -> Response:
    headers = {"Stripe-Should-Retry": "false"} if refusal.status < 500 else {}
    return JSONResponse(refusal.body, status_code=refusal.status, headers=headers)


def read_form(text: str) -> Thing:
    """Stripe's forms: line_items[0][price_data][currency]=gbp as nested objects."""
    found: Thing = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *parts, last = re.findall(r"[^\[\]]+", name) or [name]
        place = found
        for part in parts:
            inner: Any = place.setdefault(part, {})
            if not isinstance(inner, dict):
                raise invalid(f"Invalid form: {name}")
            place = cast("Thing", inner)
        place[last] = value
    return found
