"""The platform as a test starts it: the same `create_app`, with settings of its own."""

from __future__ import annotations

from pathlib import Path

from lms.kernel.config import Settings

HOST = "localhost:8000"
SECRET_KEY = "a key that only the tests know, and long enough"


def settings_for(database_url: str, data_dir: Path, **changes: str) -> Settings:
    """Settings for a platform that is not the demo; `changes` are environment variables by their full name."""
    return Settings.from_environ(
        {
            "LEERLABO_DATABASE_URL": database_url,
            "LEERLABO_DATA_DIR": str(data_dir),
            "LEERLABO_STORAGE_URL": f"file://{data_dir / 'files'}",
            "LEERLABO_MAIL_URL": f"folder://{data_dir / 'mail'}",
            "LEERLABO_SECRET_KEY": SECRET_KEY,
            "LEERLABO_BASE_URL": f"http://{HOST}",
            **changes,
        }
    )
