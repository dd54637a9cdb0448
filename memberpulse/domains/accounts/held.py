"""What accounts and mail hold of a person."""

from sqlalchemy import and_
from sqlmodel import col

from memberpulse.domains.accounts.links.models import SignUp
from memberpulse.domains.accounts.models import OneTimeToken, Picture, SecurityEvent, Session, SessionUse, User
from memberpulse.domains.accounts.personal import FORGET, KEEP, hold
from memberpulse.domains.accounts.proofs.models import Authenticator, LinkedProvider, Passkey, RecoveryCode
from memberpulse.domains.mail.models import Message

_SECRET = ("password_hash", "name_key")

hold(User, "id", title="Account", at_erasure=KEEP, hidden=_SECRET)
hold(Session, "user_id", title="Sessions", at_erasure=FORGET, hidden=("token_hash",))
hold(SessionUse, "user_id", title="Use of sessions", at_erasure=FORGET)
hold(
    Picture,
    "user_id",
    title="Pictures",
    at_erasure=FORGET,
    hidden=("content",),
    match=lambda user: and_(col(Picture.user_id) == user.id, col(Picture.organization_id).is_(None)),  # a logo stays
)
hold(OneTimeToken, "user_id", title="Links and codes", at_erasure=FORGET, hidden=("token_hash", "details"))
hold(SecurityEvent, "user_id", title="Security log", at_erasure=FORGET)
hold(Authenticator, "user_id", title="Authenticator app", at_erasure=FORGET, hidden=("sealed_secret", "last_step"))
hold(RecoveryCode, "user_id", title="Recovery codes", at_erasure=FORGET, hidden=("code_hash",))
hold(Passkey, "user_id", title="Passkeys", at_erasure=FORGET)
hold(LinkedProvider, "user_id", title="Linked accounts", at_erasure=FORGET)
hold(
    Message,
    title="Letters",
    at_erasure=FORGET,
    hidden=("sealed_letter", "provider_id"),
    match=lambda user: col(Message.to_email) == user.email,
)
hold(
    SignUp,
    title="Sign-ups",
    at_erasure=FORGET,
    hidden=("password_hash", "device"),
    match=lambda user: col(SignUp.email) == user.email,
)
