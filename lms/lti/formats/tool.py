"""What we are as a Tool: our addresses, and the services we ask a platform for."""

from __future__ import annotations

from dataclasses import dataclass

from lms.lti.formats.services import LINE_ITEM, RESULT, ROSTER, SCORE

NAME = "Leerlabo"
SCOPES = (LINE_ITEM, RESULT, SCORE, ROSTER)


@dataclass(frozen=True, slots=True)
class ToolAddresses:
    """Where a platform finds us. `base_url`: the setting, without a slash at its end."""

    base_url: str

    @property
    def login(self) -> str:
        """Where a login is begun (Security Framework 1.0, 5.1.1.1)."""
        return f"{self.base_url}/lti/login"

    @property
    def launch(self) -> str:
        """Where every message arrives: our only redirect URI, and the target link of deep linking."""
        return f"{self.base_url}/lti/launch"

    @property
    def jwks(self) -> str:
        """Our public keys."""
        return f"{self.base_url}/lti/jwks"

    @property
    def icon(self) -> str:
        """A picture of us that other sites may show."""
        return f"{self.base_url}/lti/icon.svg"

    def registration(self, token: str) -> str:
        """A link with which we are registered (LTI Dynamic Registration 1.0, 3.1)."""
        return f"{self.base_url}/lti/register/{token}"
