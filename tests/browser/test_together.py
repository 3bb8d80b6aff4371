"""A taught moment from both sides: who was there, says the trainer, and so the learner gets her certificate."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from lms.kernel import clock
from tests.browser.conftest import DESK, PHONE, Look, NewPage
from tests.browser.demo import let_days_pass
from tests.browser.documents import check_address, proof_of
from tests.browser.eye import follow
from tests.browser.newcomer import accept, invite
from tests.browser.study import Student, outline_of

COURSE = "word-digicoach"
HERE = f"/gezinszorg/courses/{COURSE}"
AHEAD_DAYS = 40


def plan_meeting(trainer: Page) -> str:
    """A meeting of this course, so many days ahead; its uuid."""
    trainer.goto("/desk/sessions/new")
    follow(trainer.get_by_role("link", name=re.compile("Word digicoach")).first)
    trainer.get_by_label("Dag", exact=True).fill((clock.today() + timedelta(days=AHEAD_DAYS)).isoformat())
    trainer.get_by_label("Van", exact=True).fill("09:30")
    trainer.get_by_label("Tot", exact=True).fill("12:00")
    trainer.get_by_label("Contacturen").fill("2,5")
    trainer.get_by_label("In een lokaal").check()
    trainer.get_by_label("Plaats (mag leeg)").fill("Zaal De Brug")
    follow(trainer.get_by_role("button", name="Plan de sessie"))
    expect(trainer.get_by_text("De sessie is gepland.").first).to_be_visible()
    found = re.search(r"/desk/sessions/([0-9a-f-]{36})", trainer.url)
    assert found is not None, trainer.url
    return found[1]


def mark_present(trainer: Page, meeting: str, name: str) -> None:
    """One tap on the list, and the list is done."""
    trainer.goto("/desk/sessions?when=to-mark")
    follow(trainer.locator(f'a[href*="{meeting}"]'))
    row = trainer.locator(".roll li", has_text=name)
    with trainer.expect_response(re.compile("/attendance$")) as answer:
        row.get_by_role("radio", name="Aanwezig").click()
    assert answer.value.status == 204
    follow(trainer.get_by_role("button", name="De lijst is klaar"))
    expect(trainer.get_by_text("De lijst is klaar").first).to_be_visible()


def test_presence_opens_the_follow_up_and_ends_in_a_certificate(
    page_of: NewPage, new_page: NewPage, look: Look, data: Path
) -> None:
    invitation = invite(page_of("admin", DESK), "Noor", "Vandaele", organisation="Thuishulp De Linde")
    trainer, learner = page_of("tom", PHONE), new_page(PHONE)
    meeting = plan_meeting(trainer)
    follow_up = outline_of(COURSE).steps[-1]

    accept(learner, invitation)
    learner.goto(HERE)
    follow(learner.locator("button:visible", has_text="Schrijf je in"))
    student = Student(learner, COURSE, look=lambda _page: None)
    student.study()
    expect(learner).to_have_url(re.compile("/steps/samen/session$"))
    follow(learner.locator(f'form[action*="{meeting}"] button'))
    expect(learner.get_by_text("Je hebt een plaats")).to_be_visible()
    learner.goto(HERE)
    look(learner)
    expect(learner.get_by_text("Deze stap opent na de sessie")).to_be_visible()
    expect(learner.get_by_role("link", name=follow_up.title)).to_have_count(0)

    let_days_pass(data, meeting, AHEAD_DAYS + follow_up.release_days + 1)
    learner.goto(HERE)
    expect(learner.get_by_role("link", name=follow_up.title)).to_have_count(0)
    mark_present(trainer, meeting, "Noor Vandaele")

    learner.goto(HERE)
    student.study()
    expect(learner.get_by_text("Je hebt alle stappen gedaan.").locator("visible=true").first).to_be_visible()
    look(learner)
    proof = proof_of(learner)
    for words in ("Noor Vandaele", "Thuishulp De Linde", "Word digicoach", "2,5 contacturen"):
        assert words in proof.words, words
    anybody = new_page(DESK)
    anybody.goto(check_address(proof.words))
    look(anybody)
    expect(anybody.get_by_role("heading", name="Dit attest is echt")).to_be_visible()
    expect(anybody.get_by_text("Noor Vandaele")).to_be_visible()
