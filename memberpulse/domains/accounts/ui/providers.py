"""Ways to sign in besides a password, for the sign-in page: a passkey, and accounts elsewhere.

They stand below the form of the sign-in page and show nothing where there is none. `sign_in_notice` says why one of
them did not work; it reads the page's own address.
"""

import reflex as rx

from memberpulse.ui.components.kinds import LIBRARY


def passkey_button() -> rx.Component:
    """Signs in with a passkey; nothing in browsers that have none."""
    return _PasskeyButton.create()


def provider_buttons() -> rx.Component:
    """One button for each provider of this server's settings."""
    return _ProviderButtons.create()


def sign_in_notice() -> rx.Component:
    """Why signing in with a provider, or the second step, did not come to its end."""
    return _ProviderNotice.create()


class _Ways(rx.Component):
    library = LIBRARY + "sign_in_ways"


class _PasskeyButton(_Ways):
    tag = "PasskeyButton"


class _ProviderButtons(_Ways):
    tag = "ProviderButtons"


class _ProviderNotice(_Ways):
    tag = "ProviderNotice"
