"""Signing up and links over HTTP. Every route is a form post answered by 303; see `forms` for how one is refused.

No answer tells whether an address has an account: each that takes an address does the same work for all of them, and a
job decides later which letter is sent. A link is opened by GET on a page, which consumes nothing, since scanners of
mail open links too; it is used by the post of the button there.

    /sign-up           ?error=too_many, name_error=missing, email_error=invalid, password_error=<password_rules.Fault>
    /forgot-password, /email-link    ?error=too_many, email_error=invalid
    /check-mail        ?for=sign-up|reset|link&email=, after each of the three
    /verify, /reset-password, /magic-link, /confirm-email     ?token=, ?error=used once it is worth nothing
    /verify            ?token=&ask=password in another browser than that of the sign-up
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from memberpulse.domains.accounts.cookies import set_session_cookie
from memberpulse.domains.accounts.devices import device_of, remember_device
from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.forms import client_of, engine_of, go, read_form, refuse
from memberpulse.domains.accounts.limits import Door, count_attempt
from memberpulse.domains.accounts.links.errors import PasswordNeeded
from memberpulse.domains.accounts.links.mutations import (
    ask_for_magic_link,
    ask_for_reset,
    begin_sign_up,
    confirm_email,
    finish_sign_up,
    open_magic_link,
    resend_sign_up,
)
from memberpulse.domains.accounts.links.mutations import reset_password as set_by_link
from memberpulse.domains.accounts.links.queries import find_link_holder
from memberpulse.domains.accounts.links.rules import PAGES, Kind, address_of, name_of
from memberpulse.domains.accounts.links.schemas import LinkHolder, LinkOpened
from memberpulse.domains.accounts.mutations import renew_session
from memberpulse.domains.accounts.passwords import hash_off_loop, judge_password
from memberpulse.domains.accounts.rules import new_token, reference_of, safe_next
from memberpulse.domains.accounts.sign_in import finish_sign_in
from memberpulse.engine import system
from memberpulse.engine.errors import TooMany


async def sign_up(request: Request) -> Response:
    """Keep a name, an address and a password until the address is confirmed."""
    form = await read_form(request)
    kept = {"name": form.get("name", "")[:200], "email": form.get("email", "")[:254], "next": _target(form)}
    try:
        await count_attempt(request, "new-password")
        faults = await _faults_of(form)
        if faults:
            return refuse("/sign-up", faults=faults, kept=kept)
        email = address_of(form["email"]) or ""
        await count_attempt(request, "sign-up", email)
    except TooMany as error:
        return refuse("/sign-up", error, kept=kept)
    device = device_of(request)
    await engine_of(request).mutate(
        begin_sign_up,
        caller=system(),
        email=email,
        name=name_of(form["name"]),
        password_hash=await hash_off_loop(form["password"]),
        device=device.reference,
        target=_target(form),
    )
    response = _check_mail("sign-up", email, form)
    remember_device(request, response, device)
    return response


async def resend_verification(request: Request) -> Response:
    """Mail the link of a sign-up again."""
    return await _ask(request, "resend", "/check-mail", resend_sign_up, then="sign-up", takes_target=False)


async def forgot_password(request: Request) -> Response:
    """Mail a link to choose a new password."""
    return await _ask(request, "forgotten", "/forgot-password", ask_for_reset, then="reset")


async def email_link(request: Request) -> Response:
    """Mail a link to sign in."""
    return await _ask(request, "magic-link", "/email-link", ask_for_magic_link, then="link")


async def verify(request: Request) -> Response:
    """Finish a sign-up, and sign in on this device."""
    form = await read_form(request)
    token, typed = form.get("token", "")[:100], form.get("password", "")
    holder = await _open(request, "verify_email", token)
    if not isinstance(holder, LinkHolder):
        return holder
    if holder.needs_password and not typed:
        return go("/verify", {"token": token, "ask": "password"})
    if typed and (fault := await judge_password(typed, about=(holder.name, holder.email))):
        return refuse("/verify", faults={"password": fault}, kept={"token": token, "ask": "password"})
    try:
        opened: LinkOpened = await engine_of(request).mutate(
            finish_sign_up,
            caller=system(),
            token=token,
            device=device_of(request).reference,
            password_hash=await hash_off_loop(typed) if typed else None,
            **client_of(request),
        )
    except PasswordNeeded:
        return go("/verify", {"token": token, "ask": "password"})
    except LinkUsedUp:
        return _used("verify_email", holder.email)
    return await finish_sign_in(request, opened.user_id, "magic_link", safe_next(opened.target))


async def reset_password(request: Request) -> Response:
    """Set a new password by a link, and sign in on this device."""
    form = await read_form(request)
    token, typed = form.get("token", "")[:100], form.get("password", "")
    holder = await _open(request, "reset_password", token)
    if not isinstance(holder, LinkHolder):
        return holder
    if fault := await judge_password(typed, about=(holder.name, holder.email)):
        return refuse("/reset-password", faults={"password": fault}, kept={"token": token})
    try:
        opened: LinkOpened = await engine_of(request).mutate(
            set_by_link,
            caller=system(),
            token=token,
            password_hash=await hash_off_loop(typed),
            **client_of(request),
        )
    except LinkUsedUp:
        return _used("reset_password", holder.email)
    return await finish_sign_in(request, opened.user_id, "magic_link", safe_next(opened.target))


async def magic_link(request: Request) -> Response:
    """Sign in by a link."""
    form = await read_form(request)
    token = form.get("token", "")[:100]
    holder = await _open(request, "magic_link", token)
    if not isinstance(holder, LinkHolder):
        return holder
    try:
        opened: LinkOpened = await engine_of(request).mutate(
            open_magic_link, caller=system(), token=token, **client_of(request)
        )
    except LinkUsedUp:
        return _used("magic_link", holder.email)
    return await finish_sign_in(request, opened.user_id, "magic_link", safe_next(opened.target))


async def confirm_address(request: Request) -> Response:
    """Let an account be reached by its new address. It signs nobody in."""
    form = await read_form(request)
    token = form.get("token", "")[:100]
    holder = await _open(request, "change_email", token)
    if not isinstance(holder, LinkHolder):
        return holder
    try:
        await engine_of(request).mutate(confirm_email, caller=system(), token=token, **client_of(request))
    except LinkUsedUp:
        return _used("change_email", "")
    return go("/confirm-email", {"done": 1})


async def renew(request: Request) -> Response:
    """Give this device's session a new token. The one before, wherever it is known, is worth nothing any more."""
    form = await read_form(request)
    response, reference, token = go(safe_next(form.get("next"))), request.scope.get("memberpulse.session"), new_token()
    if reference and await engine_of(request).mutate(
        renew_session, caller=system(), token_hash=reference, new_hash=reference_of(token)
    ):
        set_session_cookie(request, response, token)
    return response


async def _faults_of(form: Mapping[str, str]) -> dict[str, str]:
    """Field to code, of what a sign-up is refused for."""
    name, email, password = form.get("name", ""), form.get("email", ""), form.get("password", "")
    fault = await judge_password(password, about=(name[:200], email[:254]))
    faults = {"name": "" if name_of(name) else "missing", "email": "" if address_of(email) else "invalid"}
    return {field: code for field, code in {**faults, "password": fault or ""}.items() if code}


async def _ask(
    request: Request, door: Door, page: str, promise: Any, *, then: str, takes_target: bool = True
) -> Response:
    """Promise a letter to the form's address, whoever has it."""
    form = await read_form(request)
    typed, target = form.get("email", "")[:254], _target(form)
    kept = {"email": typed, "next": target} | ({"for": then} if page == "/check-mail" else {})
    email = address_of(typed)
    if email is None:
        return refuse(page, faults={"email": "invalid"}, kept=kept)
    try:
        await count_attempt(request, door, email)
    except TooMany as error:
        return refuse(page, error, kept=kept)
    arguments = {"target": target} if takes_target else {}
    await engine_of(request).mutate(promise, caller=system(), email=email, **arguments)
    return _check_mail(then, email, form)


async def _open(request: Request, kind: Kind, token: str) -> LinkHolder | Response:
    """Whom the link was mailed to, or the answer when it may not be used."""
    page = PAGES[kind]
    try:
        await count_attempt(request, "open-link")
    except TooMany as error:
        return refuse(page, error, kept={"token": token})
    found: LinkHolder | None = await engine_of(request).query(
        find_link_holder, caller=system(), kind=kind, token=token, device=device_of(request).reference
    )
    return found or _used(kind, "")


def _used(kind: Kind, email: str) -> Response:
    return refuse(PAGES[kind], "used", kept={"email": email})


def _check_mail(why: str, email: str, form: Mapping[str, str]) -> Response:
    return go("/check-mail", {"for": why, "email": email, "next": _target(form)})


def _target(form: Mapping[str, str]) -> str:
    return safe_next(form.get("next"))


ROUTES = [
    Route("/auth/sign-up", sign_up, methods=["POST"]),
    Route("/auth/sign-up/resend", resend_verification, methods=["POST"]),
    Route("/auth/forgot-password", forgot_password, methods=["POST"]),
    Route("/auth/email-link", email_link, methods=["POST"]),
    Route("/auth/verify", verify, methods=["POST"]),
    Route("/auth/reset-password", reset_password, methods=["POST"]),
    Route("/auth/magic-link", magic_link, methods=["POST"]),
    Route("/auth/confirm-email", confirm_address, methods=["POST"]),
    Route("/auth/renew", renew, methods=["POST"]),
]
