"""The letter that invites somebody."""

from urllib.parse import quote

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.rules import article_of
from memberpulse.sites import link


def invitation_letter(*, organization: str, inviter: str, role: Role, message: str, token: str) -> Letter:
    """inviter: the person's name, empty when nobody in particular invites. message: their own words, may be empty."""
    invites = f"{inviter} invites you" if inviter else "You are invited"
    said = (f"{inviter or organization} writes: “{message}”",) if message else ()
    return Letter(
        kind="invitation",
        subject=f"{invites} to {organization}",
        heading=f"Join {organization}",
        paragraphs=(
            f"{invites} to join {organization} on MemberPulse as {article_of(role)}.",
            *said,
            "The link below shows the invitation; nothing happens until you accept it. It works for 14 days, once, "
            "and only for this e-mail address.",
        ),
        button=("See the invitation", link(f"/invitation?token={quote(token)}")),
        footnote=f"Somebody at {organization} entered this address. If you do not know them, ignore this letter.",
    )


@sample
def invitation_sample() -> Letter:
    return invitation_letter(
        organization="Fernhill Tool Library",
        inviter="Amara Okafor",
        role=Role.CREATOR,
        message="It was good to meet you at the repair clinic.",
        token="an-example",  # noqa: S106
    )
