"""Our side of the standard, as other systems and their people meet it, and the desk where platforms are kept."""

from lms.lti.views import (
    checking,
    deep_linking,
    grade_books,
    invitations,
    keys,
    launching,
    linking,
    own_accounts,
    platforms,
    registering,
    visits,
)
from lms.lti.views.pages import blueprint

blueprints = (
    keys.blueprint,
    launching.blueprint,
    visits.blueprint,
    linking.blueprint,
    own_accounts.blueprint,
    deep_linking.blueprint,
    blueprint,
    registering.blueprint,
)

__all__ = ["blueprints", "checking", "grade_books", "invitations", "keys", "platforms", "registering"]
