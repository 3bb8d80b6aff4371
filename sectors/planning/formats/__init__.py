"""Sheets for Excel, and the sentences about a row of a list."""

from sectors.planning.formats.sheets import to_xlsx
from sectors.planning.formats.words import column_names, explain, status_word

__all__ = ["column_names", "explain", "status_word", "to_xlsx"]
