"""The sections of the security settings that are about proofs: the app, the codes, the passkeys, other providers."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.domains.accounts.oidc.linking import ProviderView, list_my_providers, prepare_link, unlink_provider
from memberpulse.domains.accounts.proofs.authenticators import (
    AuthenticatorSetup,
    AuthenticatorView,
    begin_totp,
    cancel_totp,
    confirm_totp,
    disable_totp,
    get_my_authenticator,
)
from memberpulse.domains.accounts.proofs.passkeys import (
    MAX_NAME_CHARACTERS,
    PasskeyList,
    PasskeyView,
    ask_for_passkey,
    list_my_passkeys,
    prepare_passkey,
    remove_passkey,
    rename_passkey,
)
from memberpulse.domains.accounts.proofs.recovery import (
    RecoveryCodesView,
    get_my_recovery_codes,
    make_recovery_codes,
    put_away_recovery_codes,
)
from memberpulse.domains.accounts.ui.providers import sign_in_notice
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    close_button,
    copyable,
    dialog,
    error_state,
    icon,
    icon_button,
    note,
    relative_time,
    rows_skeleton,
    switch,
    text_field,
)
from memberpulse.ui.components.kinds import LIBRARY
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import post as post_to
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.settings import setting

_rename = DialogHandle("rename-passkey")


def authenticator_section() -> rx.Component:
    """The authenticator app: off, being set up, or on."""
    app = live(get_my_authenticator)
    return setting(
        app.view(
            _authenticator,
            rows_skeleton(1, label="Loading"),
            failed=error_state(app, what="Your authenticator app", small=True),
        ),
        title="Authenticator app",
        hint="Asks for six digits from your phone after your password or a mailed link.",
    )


def _authenticator(app: AuthenticatorView) -> rx.Component:
    on = rx.el.div(
        rx.el.p(
            icon("check"),
            rx.el.span("On since ", relative_time(app.on_since, form="date")),
            class_name="row g2 grow",
        ),
        button("Turn off", on_click=run(disable_totp, done="Authenticator app turned off"), busy=busy(disable_totp)),
        class_name="proof-line",
    )
    off = rx.el.div(
        rx.el.p("Off.", class_name="soft grow"),
        button("Set up", on_click=run(begin_totp), busy=busy(begin_totp)),
        class_name="proof-line",
    )
    return rx.cond(app.on_since, on, rx.cond(app.setup, _setup(app.setup), off))


def _setup(setup: AuthenticatorSetup | None) -> rx.Component:
    refused = problem(confirm_totp)
    given: Any = setup
    return rx.el.div(
        rx.el.ol(
            rx.el.li(
                rx.el.p("Scan this with an authenticator app."),
                rx.el.img(src=given.qr, alt="QR code for the authenticator app", class_name="qr", width="176"),
                rx.el.p("Or type this key into it:", class_name="meta"),
                rx.el.p(
                    rx.el.code(given.secret, class_name="mono typed-key"),
                    copyable(given.secret, label="Copy the key"),
                    class_name="row g2",
                ),
            ),
            rx.el.li(
                rx.el.p("Type the six digits that it shows now."),
                live_form(
                    confirm_totp,
                    text_field(
                        "Code from the app",
                        name="code",
                        error=rx.cond(refused.field("code"), refused.field("code"), refused.message),
                        auto_complete="one-time-code",
                        max_length=7,
                        placeholder="000000",
                        custom_attrs={"inputMode": "numeric"},
                    ),
                    rx.el.div(
                        button("Turn on", kind="ink", submit=True, busy=busy(confirm_totp)),
                        button("Cancel", kind="quiet", on_click=run(cancel_totp)),
                        class_name="row g2",
                    ),
                    reset=False,
                    class_name="proof",
                    aria_label="Confirm the authenticator app",
                ),
            ),
            class_name="steps",
        ),
    )


def recovery_codes_section() -> rx.Component:
    """How many recovery codes are left, and new ones while they are to be kept."""
    codes = live(get_my_recovery_codes)
    return setting(
        codes.view(
            _recovery_codes,
            rows_skeleton(1, label="Loading"),
            failed=error_state(codes, what="Your recovery codes", small=True),
        ),
        title="Recovery codes",
        hint="For the day the phone or the key is lost. Each works once.",
    )


def _recovery_codes(codes: RecoveryCodesView) -> rx.Component:
    left = expression("{0} === 1 ? '1 code is left' : `${{0}} codes are left`", codes.left)
    some = rx.el.div(
        rx.el.p(left, rx.cond(codes.made_at, rx.fragment(", made ", relative_time(codes.made_at, form="ago")), "")),
        class_name="grow",
    )
    none = rx.el.p("There are none.", class_name="grow")
    make = button(
        rx.cond(codes.left > 0, "Make new codes", "Make recovery codes"),
        on_click=run(make_recovery_codes),
        busy=busy(make_recovery_codes),
    )
    kept = rx.el.div(rx.cond(codes.left > 0, some, none), make, class_name="proof-line")
    useless = rx.el.p("They come with an authenticator app or a passkey.", class_name="soft")
    return rx.cond(size_of(codes.new) > 0, _new_codes(codes), rx.cond(codes.useful, kept, useless))


def _new_codes(codes: RecoveryCodesView) -> rx.Component:
    together = expression("({0} ?? []).join('\\n')", codes.new)
    return rx.el.div(
        note(
            rx.el.b("Keep these now. "),
            "They are shown this once, for ten minutes. The ones before work no more.",
            kind="warn",
        ),
        rx.el.ul(
            rx.foreach(codes.new, lambda code: rx.el.li(rx.el.code(code, class_name="mono"), key=code)),
            class_name="codes",
            aria_label="New recovery codes",
        ),
        rx.el.div(
            button("I have kept them", kind="ink", on_click=run(put_away_recovery_codes)),
            _SaveText.create(text=together, file="memberpulse-recovery-codes.txt"),
            rx.el.span(copyable(together, label="Copy all codes"), class_name="push"),
            class_name="row wrap g2",
        ),
        class_name="proof",
    )


def passkeys_section() -> rx.Component:
    """The person's passkeys, and adding one on this device."""
    keys = live(list_my_passkeys)
    return setting(
        keys.view(
            _passkeys, rows_skeleton(2, label="Loading"), failed=error_state(keys, what="Your passkeys", small=True)
        ),
        _rename_dialog(),
        title="Passkeys",
        hint="Sign in with your fingerprint, your face, or a key. Nothing to type, and nothing to steal.",
    )


def _passkeys(keys: PasskeyList) -> rx.Component:
    some: Any = size_of(keys.rows) > 0
    listed = Rows.create(rx.foreach(keys.rows, _passkey), as_="ul", class_name="devices", label="Your passkeys")
    asked = switch(
        "Ask for it after a password as well",
        checked=keys.second_step,
        on_change=run(ask_for_passkey, on=expression("!{0}", keys.second_step, kind=bool)),
    )
    return rx.el.div(
        rx.cond(some, listed, rx.el.p("You have none yet.", class_name="soft")),
        _AddPasskey.create(start=run(prepare_passkey, then=_add_passkey()), busy=busy(prepare_passkey)),
        rx.cond(some, asked, rx.fragment()),
        class_name="proof",
    )


def _passkey(key: PasskeyView) -> rx.Component:
    used = rx.cond(
        key.last_used_at,
        rx.fragment("Used ", relative_time(key.last_used_at, form="ago")),
        "Not used yet",
    )
    return rx.el.li(
        rx.el.span(icon("key_round"), class_name="ico"),
        rx.el.div(
            rx.el.p(
                rx.el.span(key.name, class_name="strong", dir="auto"),
                rx.cond(key.synced, badge("Synced", kind="line"), ""),
                class_name="row g2",
            ),
            rx.el.p(used, ", added ", relative_time(key.created_at, form="date"), class_name="meta"),
            class_name="grow",
        ),
        icon_button(
            "pencil",
            label=expression("`Rename ${{0}}`", key.name),
            on_click=_rename.open(id=key.id, name=key.name),
        ),
        icon_button(
            "trash_2",
            label=expression("`Remove ${{0}}`", key.name),
            on_click=run(remove_passkey, passkey_id=key.id, done="Passkey removed"),
        ),
        key=text_of(key.id),
    )


def _rename_dialog() -> rx.Component:
    refused = problem(rename_passkey)
    form = live_form(
        rename_passkey,
        text_field(
            "Name",
            name="name",
            default_value=_rename.subject("name"),
            error=rx.cond(refused.field("name"), refused.field("name"), refused.message),
            max_length=MAX_NAME_CHARACTERS,
            auto_complete="off",
            custom_attrs={"dir": "auto"},
        ),
        rx.el.div(
            close_button("Cancel"),
            button("Rename", kind="ink", submit=True, busy=busy(rename_passkey)),
            class_name="row g2 end",
        ),
        arguments={"passkey_id": _rename.subject("id")},
        then=_rename.close(),
        class_name="col g4",
    )
    return dialog(_rename, form, title="Rename the passkey")


def providers_section() -> rx.Component:
    """Accounts elsewhere with which one may sign in; nothing where this server offers none."""
    offered = live(list_my_providers)
    return rx.cond(
        size_of(offered.value) > 0,
        setting(
            sign_in_notice(),
            Rows.create(
                rx.foreach(offered.value, _provider), as_="ul", class_name="devices", label="Accounts elsewhere"
            ),
            title="Other accounts",
            hint="Sign in with an account that you have elsewhere.",
        ),
        rx.fragment(),
    )


def _provider(provider: ProviderView) -> rx.Component:
    go = post_to(expression("`/auth/oidc/${{0}}/start`", provider.key), link="1", next="/settings/security")
    link = button("Link", size="small", on_click=run(prepare_link, provider=provider.key, then=go))
    unlink = button(
        "Unlink",
        size="small",
        on_click=run(unlink_provider, provider=provider.key, done="Account unlinked"),
        label=expression("`Unlink ${{0}}`", provider.name),
    )
    linked = rx.fragment(provider.email, ", linked ", relative_time(provider.linked_at, form="date"))
    return rx.el.li(
        rx.el.span(icon("link"), class_name="ico"),
        rx.el.div(
            rx.el.p(provider.name, class_name="strong"),
            rx.el.p(rx.cond(provider.email, linked, "Not linked"), class_name="meta"),
            class_name="grow",
        ),
        rx.cond(provider.email, unlink, link),
        key=provider.key,
    )


def _add_passkey() -> Any:
    data = VarData(imports={LIBRARY + "proofs": [ImportVar(tag="addPasskey")]})
    return rx.Var("addPasskey", _var_data=data).to(FunctionVar)


class _Proofs(rx.Component):
    library = LIBRARY + "proofs"


class _AddPasskey(_Proofs):
    tag = "AddPasskey"

    start: rx.EventHandler[rx.event.no_args_event_spec]
    busy: rx.Var[bool]


class _SaveText(_Proofs):
    tag = "SaveText"

    text: rx.Var[str]
    file: rx.Var[str]
