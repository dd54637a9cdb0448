"""The page of what proves who one is."""

import reflex as rx

from memberpulse.domains.accounts.ui.credentials import email_section, password_section, security_log
from memberpulse.domains.accounts.ui.proofs import (
    authenticator_section,
    passkeys_section,
    providers_section,
    recovery_codes_section,
)
from memberpulse.ui.layout import settings_page
from memberpulse.ui.page import SIGNED_IN, page


@page("/settings/security", "Security", requires=SIGNED_IN)
def security_page() -> rx.Component:
    return settings_page(
        "Security",
        email_section(),
        password_section(),
        authenticator_section(),
        passkeys_section(),
        recovery_codes_section(),
        providers_section(),
        aside=security_log(),
        requires=SIGNED_IN,
        lede="How you prove that it is you, here and at the next sign-in.",
    )
