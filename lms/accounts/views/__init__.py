"""The pages of accounts: signing in, one's own account, and the administrator's desk."""

from lms.accounts.views import account, links, organisations, people, signing_in
from lms.accounts.views.pages import blueprint

__all__ = ["account", "blueprint", "links", "organisations", "people", "signing_in"]
