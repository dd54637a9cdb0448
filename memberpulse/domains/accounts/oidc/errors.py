"""Why a sign-in with another provider did not come to its end. Each code is shown by the sign-in page."""

from memberpulse.engine.errors import Conflict, EngineError, NotFound


class ProviderFault(EngineError):
    """A trip to a provider failed; the browser goes back to where it began with `error=<code>`."""

    status = 403


class ProviderOver(ProviderFault):
    """No such attempt: too old, finished before, of another browser, or never begun."""

    code = "provider_over"


class ProviderRefused(ProviderFault):
    """The provider said no, or something that cannot be believed."""

    code = "provider_refused"


class ProviderDown(ProviderFault):
    """The provider does not answer."""

    code = "provider_down"


class ProviderUnverified(ProviderFault):
    """The provider does not vouch for the e-mail address."""

    code = "provider_unverified"


class AccountUnverified(ProviderFault):
    """Somebody made an account for that address here and has not shown that it is theirs."""

    code = "account_unverified"


class LinkedElsewhere(ProviderFault):
    """That account elsewhere belongs to another person here, or this person has another one linked."""

    code = "linked_elsewhere"


class UnknownProvider(NotFound):
    code = "unknown_provider"
    message = "There is no such provider here."


class LastWayIn(Conflict):
    code = "last_way_in"
    message = "Set a password or add a passkey first. Without this account you could not sign in any more."
