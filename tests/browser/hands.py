"""Two ways to use a page: as most people do, and by keyboard alone."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_TABS = 150
IS_HERE = "element => element === document.activeElement"
SHOWS_FOCUS = """element => {
  const shown = [element, element.closest("label"), element.parentElement].filter(Boolean);
  return shown.some(one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  });
}"""


class Hand(Protocol):
    """What one does to a page."""

    def press(self, button: Locator) -> None:
        """Use a button or a link."""

    def choose(self, option: Locator) -> None:
        """Tick a box, or one of several."""

    def write(self, field: Locator, text: str) -> None:
        """Fill in a field."""

    def pick(self, field: Locator, label: str) -> None:
        """Choose one of a list."""


class Pointer:
    """A finger or a mouse."""

    def press(self, button: Locator) -> None:
        """Click."""
        button.click()

    def choose(self, option: Locator) -> None:
        """Click, unless it is chosen."""
        option.check()

    def write(self, field: Locator, text: str) -> None:
        """Type over what stood there."""
        field.fill(text)

    def pick(self, field: Locator, label: str) -> None:
        """Choose from the list."""
        field.select_option(label=label)


class Keyboard:
    """Tab, Enter, Space, arrows and letters; whatever has the focus must show it."""

    def __init__(self, page: Page) -> None:
        self._keys, self._page = page.keyboard, page

    def press(self, button: Locator) -> None:
        """Go there and press Enter."""
        self._go_to(button)
        self._keys.press("Enter")

    def choose(self, option: Locator) -> None:
        """Go to the group; arrows move within one of several, Space ticks a box."""
        if option.get_attribute("type") == "radio":
            name = option.get_attribute("name")
            group = self._page.locator(f'input[type="radio"][name="{name}"]')
            self._go_to_any(group)
            for _step in range(group.count()):
                if option.evaluate(IS_HERE):
                    break
                self._keys.press("ArrowDown")
            self._keys.press("Space")
            assert option.is_checked(), f"arrows do not reach an option of {name}"
        elif not option.is_checked():
            self._go_to(option)
            self._keys.press("Space")

    def write(self, field: Locator, text: str) -> None:
        """Go there, and type over what stood there."""
        self._go_to(field)
        self._keys.press("Control+a")
        self._keys.type(text)

    def pick(self, field: Locator, label: str) -> None:
        """Go there, and type the first letters of the choice."""
        self._go_to(field)
        self._keys.type(label)
        assert field.evaluate("list => list.selectedOptions[0].label.trim()") == label

    def _go_to(self, wanted: Locator) -> None:
        wanted.wait_for()
        self._tab_until(lambda: bool(wanted.evaluate(IS_HERE)), str(wanted))

    def _go_to_any(self, group: Locator) -> None:
        group.first.wait_for()
        self._tab_until(lambda: bool(group.evaluate_all("all => all.includes(document.activeElement)")), str(group))

    def _tab_until(self, is_there: object, what: str) -> None:
        assert callable(is_there)
        for _tab in range(MOST_TABS):
            if is_there():
                break
            self._keys.press("Tab")
        else:
            raise AssertionError(f"{self._page.url}: Tab does not come to {what}")
        if not self._page.locator(":focus").evaluate(SHOWS_FOCUS):
            raise AssertionError(f"{self._page.url}: nobody sees that the focus is on {what}")
