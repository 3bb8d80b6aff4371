"""Keep statements, void them, and forget answers: what other features and the Statement resource call."""

from xapi.statements.services.forgetting import forget_responses
from xapi.statements.services.storing import store, store_received, void_statement

__all__ = ["forget_responses", "store", "store_received", "void_statement"]
