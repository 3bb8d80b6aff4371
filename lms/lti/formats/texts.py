"""Texts of a platform's services: JSON may write signs that no database keeps."""

from __future__ import annotations


def cleaned(text: str) -> str:
    """Without nulls, and without half of a pair of surrogates."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def is_clean(text: str) -> bool:
    """Whether it can be kept as it stands: a name may lose a sign, but what identifies something may not."""
    return cleaned(text) == text
