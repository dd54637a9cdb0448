"""The live function engine. It knows neither domains nor the user interface."""

from memberpulse.engine.context import ANONYMOUS, ActionCtx, Caller, MutationCtx, QueryCtx, system
from memberpulse.engine.facts import Fact, on
from memberpulse.engine.functions import (
    INTERNAL,
    PUBLIC,
    SIGNED_IN,
    Function,
    Kind,
    action,
    function_name,
    function_of,
    job,
    mutation,
    query,
)
from memberpulse.engine.registry import Cron, Domain, Registry
from memberpulse.engine.runtime import Engine, EngineSettings
from memberpulse.engine.tables import Row, TenantRow
from memberpulse.engine.types import UtcDateTime, utc_now, uuid7, word_type

__all__ = [
    "ANONYMOUS",
    "INTERNAL",
    "PUBLIC",
    "SIGNED_IN",
    "ActionCtx",
    "Caller",
    "Cron",
    "Domain",
    "Engine",
    "EngineSettings",
    "Fact",
    "Function",
    "Kind",
    "MutationCtx",
    "QueryCtx",
    "Registry",
    "Row",
    "TenantRow",
    "UtcDateTime",
    "action",
    "function_name",
    "function_of",
    "job",
    "mutation",
    "on",
    "query",
    "system",
    "utc_now",
    "uuid7",
    "word_type",
]
