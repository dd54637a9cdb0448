"""The letters about renewals."""

from datetime import date

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.domains.organizations.levels.rules import LAPSED
from memberpulse.sites import link


def renewal_words(*, notice: str, organization: str, ends_on: date) -> str:
    """The reminder in a sentence."""
    day = f"{ends_on.day} {ends_on:%B %Y}"
    if notice == LAPSED:
        return f"Your membership of {organization} has lapsed. It was valid until {day}."
    return f"Your membership of {organization} is valid until {day}."


def renewal_letter(*, notice: str, organization: str, level: str, ends_on: date) -> Letter:
    lapsed = notice == LAPSED
    subject = f"Your membership of {organization} has lapsed" if lapsed else f"Renew your membership of {organization}"
    what = (
        "Renew it to stay on as a member: an admin of the organization does it for you."
        if lapsed
        else "Renew it before then: an admin of the organization does it for you."
    )
    return Letter(
        kind="membership_renewal",
        subject=subject,
        heading="Your membership has lapsed" if lapsed else "Your membership ends soon",
        paragraphs=(
            renewal_words(notice=notice, organization=organization, ends_on=ends_on),
            f"Your level is {level}. {what}",
        ),
        button=("See your membership", link("/directory/me")),
        footnote=f"You get this because you are a member of {organization}.",
    )


@sample
def _renewal_sample() -> Letter:
    return renewal_letter(
        notice="14", organization="Fernhill Tool Library", level="Supporter", ends_on=date(2026, 12, 31)
    )
