"""The letters to a person who asked to join."""

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.rules import article_of
from memberpulse.sites import link


def approval_letter(*, organization: str, role: Role) -> Letter:
    return Letter(
        kind="join_approved",
        subject=f"You are a member of {organization}",
        heading=f"Welcome to {organization}",
        paragraphs=(f"Your request to join {organization} was approved. You are {article_of(role)} there now.",),
        button=(f"Open {organization}", link("/dashboard")),
        footnote="You get this letter because you asked to join.",
    )


def refusal_letter(*, organization: str, reason: str) -> Letter:
    """reason: what the person who decided wrote, may be empty."""
    said = (f"They wrote: “{reason}”",) if reason else ()
    return Letter(
        kind="join_declined",
        subject=f"Your request to join {organization}",
        heading=f"{organization} did not take your request",
        paragraphs=(f"Your request to join {organization} was declined.", *said),
        footnote="You get this letter because you asked to join.",
    )


@sample
def approval_sample() -> Letter:
    return approval_letter(organization="Fernhill Tool Library", role=Role.MEMBER)


@sample
def refusal_sample() -> Letter:
    return refusal_letter(organization="Fernhill Tool Library", reason="We lend to people in Fernhill only.")
