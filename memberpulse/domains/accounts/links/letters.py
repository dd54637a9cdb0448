"""The letters about accounts."""

from memberpulse.domains.accounts.links.rules import PAGES, Kind
from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.sites import link

MINUTES = 15
_SHORT = f"The link works once, within {MINUTES} minutes."


def verification(name: str, token: str) -> Letter:
    return Letter(
        kind="verify_email",
        subject="Confirm your e-mail address",
        heading="Confirm your e-mail address",
        paragraphs=(f"Hello {name}, with this your account is ready.", _SHORT),
        button=("Confirm this address", _address("verify_email", token)),
        footnote="You get this because somebody signed up with your address. If it was not you, do nothing: without "
        "the link there is no account.",
    )


def already_have_account() -> Letter:
    return Letter(
        kind="already_have_account",
        subject="You already have an account",
        heading="You already have an account",
        paragraphs=(
            "Somebody signed up with this address, and it has an account already. Nothing was changed.",
            "If it was you, sign in. If you do not know your password any more, choose a new one on the way.",
        ),
        button=("Sign in", link("/sign-in")),
        footnote="If it was not you, do nothing.",
    )


def reset(token: str) -> Letter:
    return Letter(
        kind="reset_password",
        subject="Choose a new password",
        heading="Choose a new password",
        paragraphs=("Here you can choose a new password. All your devices are signed out then.", _SHORT),
        button=("Choose a new password", _address("reset_password", token)),
        footnote="You get this because somebody asked for it on the sign-in page. If it was not you, do nothing: your "
        "password stays as it is.",
    )


def magic_link(token: str) -> Letter:
    return Letter(
        kind="magic_link",
        subject="Your link to sign in",
        heading="Your link to sign in",
        paragraphs=("With this you sign in without a password.", _SHORT),
        button=("Sign in", _address("magic_link", token)),
        footnote="You get this because somebody asked for it on the sign-in page. If it was not you, do nothing, and "
        "pass this letter on to nobody: who has the link gets into your account.",
    )


def confirm_new_address(token: str) -> Letter:
    return Letter(
        kind="change_email",
        subject="Confirm your new e-mail address",
        heading="Confirm your new e-mail address",
        paragraphs=("With this you sign in by this address from now on, and letters come here.", _SHORT),
        button=("Confirm this address", _address("change_email", token)),
        footnote="You get this because somebody wants to use your address for their account. If it was not you, do "
        "nothing.",
    )


def address_in_use() -> Letter:
    return Letter(
        kind="address_in_use",
        subject="This address belongs to another account",
        heading="This address belongs to another account",
        paragraphs=(
            "Somebody wants to use this address for their account, and it has one of its own already. Nothing was "
            "changed.",
            "If it was you, sign in with this address instead, or give the other account up first.",
        ),
        button=("Sign in", link("/sign-in")),
        footnote="If it was not you, do nothing.",
    )


def email_changed(masked: str) -> Letter:
    return Letter(
        kind="email_changed",
        subject="Your e-mail address was changed",
        heading="Your e-mail address was changed",
        paragraphs=(
            f"Your account is now signed in to by {masked}. Letters go there from now on.",
            "If it was not you, write to the people who run this server at once: this address opens the account no "
            "longer.",
        ),
        footnote="This is the last letter about your account to this address.",
    )


def password_changed() -> Letter:
    return Letter(
        kind="password_changed",
        subject="Your password was changed",
        heading="Your password was changed",
        paragraphs=(
            "All other devices were signed out.",
            "If it was not you, choose a new password now. Whoever did it is signed out by that.",
        ),
        button=("Choose a new password", link("/forgot-password")),
        footnote="You get this whenever your password changes.",
    )


def _address(kind: Kind, token: str) -> str:
    return link(f"{PAGES[kind]}?token={token}")


@sample
def _verification() -> Letter:
    return verification("Amara", "example")


@sample
def _reset() -> Letter:
    return reset("example")


@sample
def _magic_link() -> Letter:
    return magic_link("example")


@sample
def _confirm_new_address() -> Letter:
    return confirm_new_address("example")


@sample
def _email_changed() -> Letter:
    return email_changed("a•••@fernhill.example")


for _plain in (already_have_account, address_in_use, password_changed):
    sample(_plain)
