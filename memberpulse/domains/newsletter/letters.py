"""The letters of the newsletter."""

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.sites import link


def confirm_letter(url: str) -> Letter:
    """Asks whoever owns the address whether they want the newsletter."""
    return Letter(
        kind="newsletter_confirm",
        subject="Confirm your newsletter subscription",
        heading="One press and you are on the list",
        paragraphs=(
            "Somebody, probably you, asked for the MemberPulse newsletter at this address.",
            "Confirm within two days to get it. If it was not you, do nothing: without the press nothing is sent.",
        ),
        button=("Confirm subscription", url),
        footnote="You get this one letter because your address was typed in on our site.",
    )


def welcome_letter(unsubscribe_url: str) -> Letter:
    """Says that it worked, and how to end it."""
    return Letter(
        kind="newsletter_welcome",
        subject="You are on the newsletter list",
        heading="You are on the list",
        paragraphs=(
            "From now on you hear from us when there is a new release, and not more often than once a month.",
            "You can leave whenever you want: every letter has a link for that, and it takes one press.",
        ),
        footnote="You get this because you confirmed your subscription.",
        unsubscribe_url=unsubscribe_url,
    )


def already_letter(unsubscribe_url: str) -> Letter:
    """To an address that is on the list: the page says the same to everybody, so the letter has to say it."""
    return Letter(
        kind="newsletter_already",
        subject="You get the newsletter already",
        heading="You are on the list already",
        paragraphs=(
            "Somebody, probably you, asked for the MemberPulse newsletter at this address. It is on the list since "
            "earlier, so there is nothing to do.",
        ),
        footnote="You get this because you are subscribed and your address was typed in on our site again.",
        unsubscribe_url=unsubscribe_url,
    )


@sample
def _confirm() -> Letter:
    return confirm_letter(link("/confirm-newsletter?token=example"))


@sample
def _welcome() -> Letter:
    return welcome_letter(link("/newsletter/unsubscribe?who=example"))


@sample
def _already() -> Letter:
    return already_letter(link("/newsletter/unsubscribe?who=example"))
