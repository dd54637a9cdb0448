"""The pages of signing up and of links in letters. Opening one consumes nothing; its button posts natively."""

import reflex as rx

from memberpulse.domains.accounts.ui.gate import (
    email_field,
    fault,
    foot,
    gate_page,
    hidden,
    keep,
    lead,
    link_page,
    mailed_to,
    new_password_field,
    notice,
    said,
    title,
    username,
    which,
)
from memberpulse.domains.mail.ui.components import mailbox_hint
from memberpulse.ui.components import button, link, link_button, native_form, text_field
from memberpulse.ui.page import PUBLIC, page

_WRONG_ADDRESS = {"invalid": "This is not an e-mail address. It looks like name@example.org."}
_MAILED_LATELY = "Until then use the latest letter that you have."


@page("/sign-up", "Create an account", requires=PUBLIC, description="Create an account at MemberPulse.")
def sign_up_page() -> rx.Component:
    return gate_page(
        title("Create your account"),
        notice(_MAILED_LATELY),
        native_form(
            hidden("next"),
            rx.el.div(
                text_field(
                    "Your name",
                    name="name",
                    large=True,
                    auto_complete="name",
                    required=True,
                    max_length=120,
                    aria_describedby="error-name",
                ),
                fault("name", {"missing": "Say what the others may call you."}),
                class_name="field",
            ),
            email_field(error=fault("email", _WRONG_ADDRESS)),
            new_password_field(),
            keep("name", "email"),
            button("Create account", kind="ink", size="large", submit=True, full=True),
            action="/auth/sign-up",
            class_name="col g4",
            custom_attrs={"noValidate": True},
        ),
        foot("Do you have an account? ", link("Sign in", href="/sign-in")),
        skip="Skip to the form",
    )


@page("/check-mail", "Check your mail", requires=PUBLIC, description="A letter is on its way.")
def check_mail_page() -> rx.Component:
    lives = " The link in it works once, within 15 minutes."
    return gate_page(
        title("Check your mail"),
        notice(_MAILED_LATELY),
        which(
            "for",
            **{
                "sign-up": lead("A letter is on its way to ", _to(), ".", lives, " With it your account is ready."),
                "reset": lead("If ", _to(), " has an account, a letter is on its way.", lives),
                "link": lead("If ", _to(), " has an account, a letter is on its way.", lives),
            },
        ),
        mailbox_hint(),
        which(
            "for",
            **{
                "sign-up": _again("/auth/sign-up/resend"),
                "reset": _again("/auth/forgot-password"),
                "link": _again("/auth/email-link"),
            },
        ),
        foot(
            "Nothing there? Look among the unwanted mail, or ",
            which(
                "for",
                **{
                    "sign-up": link("sign up with another address", href="/sign-up"),
                    "reset": link("try another address", href="/forgot-password"),
                    "link": link("try another address", href="/email-link"),
                },
            ),
            ".",
        ),
        skip="Skip to what comes next",
    )


@page("/forgot-password", "Forgotten password", requires=PUBLIC, description="Choose a new password by e-mail.")
def forgot_password_page() -> rx.Component:
    return _ask_page(
        "Choose a new password", "We mail you a link with which you choose a new one.", action="/auth/forgot-password"
    )


@page("/email-link", "Sign in by e-mail", requires=PUBLIC, description="Sign in by a link in your mail.")
def email_link_page() -> rx.Component:
    return _ask_page(
        "Sign in without a password", "We mail you a link that signs you in once.", action="/auth/email-link"
    )


@page("/verify", "Confirm your address", requires=PUBLIC, description="Confirm your e-mail address.")
def verify_page() -> rx.Component:
    chosen_elsewhere = rx.fragment(
        lead("You are in another browser than the one in which you signed up. Choose your password here once more."),
        username(),
        new_password_field(),
    )
    good = _use(
        "Confirm your address",
        mailed_to("Your account is ready once you confirm that ", " is yours."),
        which("ask", no=rx.fragment(), password=chosen_elsewhere),
        verb="Confirm and sign in",
        action="/auth/verify",
    )
    over = rx.fragment(
        title("This link is used up"),
        lead(
            "It works once, within 15 minutes. Is your address confirmed already? Then ",
            link("sign in", href="/sign-in"),
            ". Else let us mail you another link.",
        ),
        native_form(
            email_field(error=fault("email", _WRONG_ADDRESS)),
            keep("email"),
            button("Mail me another link", kind="ink", size="large", submit=True, full=True),
            action="/auth/sign-up/resend",
            class_name="col g4",
        ),
    )
    return gate_page(link_page("verify_email", good, over), skip="Skip to the button")


@page("/reset-password", "New password", requires=PUBLIC, description="Choose a new password.")
def reset_password_page() -> rx.Component:
    good = _use(
        "Choose a new password",
        mailed_to("For ", ". All your devices are signed out then, and this one is signed in."),
        username(),
        new_password_field("New password"),
        verb="Save and sign in",
        action="/auth/reset-password",
    )
    return gate_page(
        link_page("reset_password", good, _over("Mail me another link", "/forgot-password")), skip="Skip to the form"
    )


@page("/magic-link", "Sign in", requires=PUBLIC, description="Sign in by a link.")
def magic_link_page() -> rx.Component:
    good = _use("Sign in to MemberPulse", mailed_to("You sign in as ", "."), verb="Sign in", action="/auth/magic-link")
    return gate_page(
        link_page("magic_link", good, _over("Mail me another link", "/email-link")), skip="Skip to the button"
    )


@page("/confirm-email", "Confirm your new address", requires=PUBLIC, description="Confirm your new e-mail address.")
def confirm_email_page() -> rx.Component:
    good = _use(
        "Confirm your new address",
        mailed_to("From now on you sign in by ", ", and letters go there."),
        verb="Confirm this address",
        action="/auth/confirm-email",
    )
    done = rx.fragment(
        title("Your address is changed"),
        lead("You sign in by it from now on. The old address got a notice."),
        link_button("Go on", href="/dashboard", kind="ink", size="large", full=True),
    )
    over = _over("Sign in and ask for another link", "/sign-in?next=/settings/security")
    return gate_page(
        which("done", **{"0": link_page("change_email", good, over), "1": done}), skip="Skip to the button"
    )


def _ask_page(heading: str, about: str, *, action: str) -> rx.Component:
    """Asks for an address to mail a link to."""
    return gate_page(
        title(heading),
        lead(about),
        notice(_MAILED_LATELY),
        native_form(
            hidden("next"),
            email_field(error=fault("email", _WRONG_ADDRESS)),
            keep("email"),
            button("Mail me a link", kind="ink", size="large", submit=True, full=True),
            action=action,
            class_name="col g4",
            custom_attrs={"noValidate": True},
        ),
        foot(link("Back to sign in", href="/sign-in")),
        skip="Skip to the form",
    )


def _use(heading: str, *content: rx.Component, verb: str, action: str) -> rx.Component:
    """The button that uses a link up."""
    return rx.fragment(
        title(heading),
        notice(),
        native_form(
            hidden("token"),
            *content,
            button(verb, kind="ink", size="large", submit=True, full=True),
            action=action,
            class_name="col g4",
            custom_attrs={"noValidate": True},
        ),
    )


def _over(words: str, href: str) -> rx.Component:
    return rx.fragment(
        title("This link is used up"),
        lead("It works once, within 15 minutes, and only the latest changes count."),
        link_button(words, href=href, kind="ink", size="large", full=True),
    )


def _again(action: str) -> rx.Component:
    return native_form(hidden("email", "next"), button("Send it again", submit=True, size="large"), action=action)


def _to() -> rx.Component:
    return said("email", "your address")
