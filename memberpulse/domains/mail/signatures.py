"""Whether a webhook really comes from the provider. Pure: bytes and headers in, an answer out.

Resend signs with Svix: the headers svix-id, svix-timestamp and svix-signature over the raw body. The scheme is that of
Standard Webhooks under other names. Source: https://docs.svix.com/receiving/verifying-payloads/how-manual
"""

from collections.abc import Mapping

from standardwebhooks import Webhook, WebhookVerificationError

LONGEST_ID = 120
_NAMES = {"webhook-id": "svix-id", "webhook-timestamp": "svix-timestamp", "webhook-signature": "svix-signature"}


class Forged(Exception):
    """The signature is missing, wrong, malformed, or more than five minutes old or early."""


def verified_id(secret: str, body: bytes, headers: Mapping[str, str]) -> str:
    """The event's id, once the signature has been found right. Raises Forged."""
    given = {name: headers.get(theirs, "") for name, theirs in _NAMES.items()}
    if not given["webhook-timestamp"].isdigit() or not 0 < len(given["webhook-id"]) <= LONGEST_ID:
        raise Forged
    try:
        Webhook(secret).verify(body, given, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # What is no base64, no UTF-8 or has no comma ends in a ValueError there.
        raise Forged from None
    return given["webhook-id"]
