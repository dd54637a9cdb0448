"""What presence holds of a person."""

from memberpulse.domains.accounts.personal import FORGET, hold
from memberpulse.domains.presence.models import Presence

hold(Presence, "user_id", title="Presence", at_erasure=FORGET)
