"""The platform to be looked at, not used: its database is never opened."""

from __future__ import annotations

import pytest
from flask import Flask

from lms.app import create_app
from tests.services.platform import settings_for


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The platform, for its routes and its templates."""
    folder = tmp_path_factory.mktemp("platform")
    return create_app(settings_for(f"sqlite:///{folder / 'leerlabo.db'}", folder))
