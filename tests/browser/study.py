"""Somebody who studies a course of the library from her first screen to her last, and knows the right answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from playwright.sync_api import Frame, Locator, Page

from courses.authoring.formats import read_course
from courses.authoring.services import read_folder, shipped_folders
from courses.catalogue.formats import Outline
from courses.quizzes.formats import Question, QuestionKind, question_from_json
from sectors.areas import all_areas
from tests.browser.hands import Hand, Pointer

MOST_SCREENS = 120
THOUGHT = "Ik wil mijn collega rustig helpen."
ON = re.compile(r"^(Ga verder|Begin|Volgende|Naar de opleiding)$")


@cache
def outline_of(course: str) -> Outline:
    """The course as it ships."""
    folder = next(folder for folder in shipped_folders() if folder.name == course)
    reading = read_course(read_folder(folder), known_areas=all_areas())
    assert reading.outline is not None
    return reading.outline


class Student:
    """She does what the screen asks, one screen at a time. `look` is called on every screen.

    She stops where others are needed: at a taught moment.
    """

    def __init__(
        self,
        page: Page | Frame,
        course: str,
        *,
        look: Callable[[Any], None],
        hand: Hand | None = None,
        errs: bool = True,
    ) -> None:
        self._page, self._look = page, look
        self._outline = outline_of(course)
        self._hand = hand or Pointer()
        self._errs = errs  # the first answer she gives is a wrong one
        self.screens = 0

    def study(self) -> None:
        """Go on until every step is done that she can do alone. She must stand at the page of the course."""
        while self.screens < MOST_SCREENS:
            self.screens += 1
            self._look(self._page)
            if not self._do_screen():
                return
        raise AssertionError(f"after {MOST_SCREENS} screens she is still at {self._page.url}")

    def _do_screen(self) -> bool:
        path = self._page.url
        if "/questions/" in path:
            self._answer(re.search(r"/steps/([^/]+)/questions/([^/?#]+)", path))
        elif "/pages/" in path:
            self._read()
        elif path.endswith("/assignment"):
            self._hand_in()
        elif path.endswith("/session"):
            return False
        elif "/steps/" in path:
            self._move_on()
        else:
            return self._go_on()
        return True

    def _go_on(self) -> bool:
        """From the page of the course into its next step; False when there is none."""
        on = self._visible(self._page.get_by_role("button", name=ON))
        if on is None:
            return False
        self._turn(on)
        return True

    def _read(self) -> None:
        for field in self._page.locator("main textarea").all():
            self._hand.write(field, THOUGHT)
        self._move_on()

    def _hand_in(self) -> None:
        button = self._visible(self._page.get_by_role("button", name="Dien in"))
        if button is None:
            self._move_on()
        else:
            self._hand.write(self._page.get_by_label("Jouw antwoord"), THOUGHT)
            self._turn(button)

    def _move_on(self) -> None:
        on = self._visible(self._page.get_by_role("button", name=ON)) or self._visible(
            self._page.get_by_role("link", name=ON)
        )
        assert on is not None, f"{self._page.url}: no way on"
        self._turn(on)

    def _answer(self, place: re.Match[str] | None) -> None:
        assert place is not None
        step = self._outline.step(place[1])
        assert step is not None
        question = next(item for item in map(question_from_json, step.questions) if item.id == place[2])
        if self._errs and question.kind is QuestionKind.SINGLE:
            self._errs = False
            self._err(question)
        self._fill_in(question)
        self._turn(self._page.get_by_role("button", name=re.compile("^(Controleer|Probeer opnieuw)$")))
        self._page.get_by_text("Juist!", exact=True).first.wait_for()
        self._move_on()

    def _err(self, question: Question) -> None:
        wrong = min(question.answers, key=lambda answer: answer.weight)
        self._hand.choose(self._page.locator(f'input[name="answer"][value="{wrong.id}"]'))
        self._turn(self._page.get_by_role("button", name="Controleer"))
        self._page.get_by_text("Nog niet juist").first.wait_for()
        self._look(self._page)

    def _fill_in(self, question: Question) -> None:
        inputs = self._page.locator('input[name="answer"]')
        if question.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE):
            best = max(question.answers, key=lambda answer: answer.weight)
            self._hand.choose(self._page.locator(f'input[name="answer"][value="{best.id}"]'))
        elif question.kind is QuestionKind.MULTIPLE:
            for answer in question.answers:
                if answer.weight > 0:
                    self._hand.choose(self._page.locator(f'input[name="answer"][value="{answer.id}"]'))
        elif question.kind is QuestionKind.MATCHING:
            for answer in question.answers:
                self._hand.pick(self._page.locator(f"#answer-{answer.id}"), answer.match)
        else:
            best = max(question.answers, key=lambda answer: answer.weight)
            self._hand.write(inputs, best.text if question.kind is QuestionKind.SHORT_ANSWER else best.low)

    def _turn(self, button: Locator) -> None:
        """Press, and wait for the next page."""
        with self._page.expect_navigation(wait_until="load"):
            self._hand.press(button)

    def _visible(self, found: Locator) -> Locator | None:
        return next((one for one in found.all() if one.is_visible()), None)
