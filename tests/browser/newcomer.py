"""Somebody new: an administrator makes her account, and she opens it with the invitation."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.browser.eye import follow

PASSWORD = "drie blauwe fietsen"


def invite(admin: Page, first_name: str, last_name: str, *, organisation: str = "") -> str:
    """Make her account; the path of her invitation. The administrator is left at her page, where the link is shown."""
    admin.goto("/desk/people/new")
    admin.get_by_label("Voornaam").fill(first_name)
    admin.get_by_label("Naam", exact=True).fill(last_name)
    if organisation:
        admin.get_by_label("Organisatie").select_option(label=organisation)
    follow(admin.get_by_role("button", name="Bewaar"))
    follow(admin.get_by_role("button", name="Maak een uitnodiging"))
    return re.sub(r"^https?://[^/]+", "", admin.locator(".text-break").inner_text())


def accept(page: Page, invitation: str) -> None:
    """Open the invitation and choose a password: she is at her own start."""
    page.goto(invitation)
    page.get_by_label(re.compile("wachtwoord", re.IGNORECASE)).first.fill(PASSWORD)
    page.locator("main form").get_by_role("button").last.click()
    page.wait_for_url(re.compile("/$"))
