"""Keep statements, and void them: what other features and the Statement resource call."""

from xapi.statements.services.storing import store, store_received, void_statement

__all__ = ["store", "store_received", "void_statement"]
