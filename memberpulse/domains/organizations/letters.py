"""Letters about an organization's end."""

from datetime import datetime

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.engine import utc_now
from memberpulse.sites import link


def deletion_letter(*, organization: str, asker: str, at: datetime) -> Letter:
    """To every owner, when one of them asked for the deletion. asker: their name."""
    return Letter(
        kind="organization_deletion",
        subject=f"{organization} will be deleted on {_day(at)}",
        heading=f"{organization} will be deleted",
        paragraphs=(
            f"{asker or 'An owner'} asked to delete {organization}. On {_day(at)} it is deleted with everything in it.",
            "Until then every owner can cancel this.",
        ),
        button=("Open the settings", link("/settings/organization")),
        footnote=f"You get this letter because you are an owner of {organization}.",
    )


def deleted_letter(*, organization: str) -> Letter:
    """To everybody who was an owner at the end."""
    return Letter(
        kind="organization_deleted",
        subject=f"{organization} was deleted",
        heading=f"{organization} was deleted",
        paragraphs=(
            f"{organization} and everything in it was deleted, as its owners decided seven days ago.",
            "Your account stays as it is.",
        ),
        footnote=f"You get this letter because you were an owner of {organization}.",
    )


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


@sample
def deletion_sample() -> Letter:
    return deletion_letter(organization="Fernhill Tool Library", asker="Amara Okafor", at=utc_now())


@sample
def deleted_sample() -> Letter:
    return deleted_letter(organization="Fernhill Tool Library")
