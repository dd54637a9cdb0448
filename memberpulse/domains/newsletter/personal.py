"""What the newsletter holds of a person. Its erasure is in `listening`."""

from sqlmodel import col

from memberpulse.domains.accounts.personal import FORGET, hold
from memberpulse.domains.newsletter.models import Subscriber

hold(
    Subscriber,
    title="Newsletter",
    at_erasure=FORGET,
    hidden=("letters",),
    match=lambda user: col(Subscriber.email) == user.email,
)
