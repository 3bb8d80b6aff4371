"""The pages of targets: who sees which, a secret that is never shown, and what is done about what was refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.kernel.jobs import OutboxRow
from tests.factories.accounts import make_person, sign_in_as
from tests.services.platform import settings_for
from tests.unit.xapi.examples import minimal
from tests.web.page import Page
from tests.web.visitor import Visitor
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.services import Terms, create_target
from xapi.standard.version import Version
from xapi.statements.queries import EPOCH
from xapi.statements.services import store

LIST, NEW = "/desk/forwarding", "/desk/forwarding/new"
SECRET = "a-very-secret-word"


class Desk:
    """A target for each of two areas, and one for all."""

    def __init__(self, database: Database, visitor: Visitor) -> None:
        self.database, self.visitor = database, visitor
        with database.write() as db:
            self.targets = {
                area: create_target(
                    db, Terms(f"Bestemming {area}", "https://lrs.example/xapi", Version.V1, "key", SECRET, area)
                )
                for area in ("gezinszorg", "ouderenzorg", None)
            }
        self.here = f"{LIST}/{self.targets['gezinszorg'].uuid}"

    def enter(self, role: Role = Role.CONSULTANT, **grant: Any) -> None:
        """Come in as somebody who holds this role."""
        with self.database.write() as db:
            somebody = make_person(db, role=role, **grant)
        sign_in_as(self.visitor, somebody)

    def make(self, *, status: int = 200, **typed: Any) -> Page:
        """Fill in the form."""
        fields = {
            "name": "Elders",
            "endpoint": "https://lrs.example/xapi/",
            "version": "2.0.0",
            "key": "k",
            "secret": SECRET,
            "area": "gezinszorg",
        } | typed
        return self.visitor.submit(self.visitor.page(NEW).form(NEW), status=status, **fields)

    def refuse(self, count: int) -> list[DeadLetter]:
        """Let the target of this area refuse statements."""
        with self.database.write() as db:
            letters = [
                DeadLetter(
                    target_id=self.targets["gezinszorg"].id,
                    statement_id=number,
                    statement=uuid4(),
                    status=400,
                    answer=f"<b>No</b> {number}",
                    failed_at=clock.now(),
                )
                for number in range(count)
            ]
            db.add_all(letters)
        return letters

    def state(self, area: str | None = "gezinszorg") -> Target:
        with self.database.read() as db:
            return db.get_one(Target, self.targets[area].id)

    def jobs(self) -> int:
        with self.database.read() as db:
            return db.query(OutboxRow).filter_by(kind="forward").count()


@pytest.fixture
def desk(database: Database, visitor: Visitor) -> Desk:
    return Desk(database, visitor)


def test_a_consultant_sees_the_targets_of_her_area(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    text = desk.visitor.page(LIST).text
    assert "Bestemming gezinszorg" in text
    assert "Bestemming ouderenzorg" not in text
    assert "Bestemming None" not in text
    for area, status in (("gezinszorg", 200), ("ouderenzorg", 404), (None, 404)):
        for page in ("", "/change", "/refused"):
            assert desk.visitor.get(f"{LIST}/{desk.targets[area].uuid}{page}").status_code == status


def test_an_administrator_sees_all_targets_and_the_keys_lead_there(desk: Desk) -> None:
    desk.enter(Role.ADMIN)
    assert f'href="{LIST}"' in desk.visitor.get("/desk/credentials").text
    text = desk.visitor.page(LIST).text
    assert all(f"Bestemming {area}" in text for area in desk.targets)


@pytest.mark.parametrize("role", [Role.LEARNER, Role.DELEGATE, Role.TRAINER])
def test_others_have_no_targets(desk: Desk, role: Role) -> None:
    desk.enter(role, area="gezinszorg")
    assert desk.visitor.get(LIST).status_code == 403


def test_a_target_is_made_and_its_secret_never_shown(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    before = desk.jobs()
    page = desk.make(verb="http://adlnet.gov/expapi/verbs/passed", activity="urn:x:1")
    with desk.database.read() as db:
        made = db.query(Target).order_by(Target.id.desc()).first()
    assert made is not None
    assert (made.name, made.endpoint, made.version, made.key) == ("Elders", "https://lrs.example/xapi", "2.0.0", "k")
    assert (made.secret, made.area, made.is_on) == (SECRET, "gezinszorg", True)
    assert (made.verb, made.activity) == ("http://adlnet.gov/expapi/verbs/passed", "urn:x:1")
    assert made.handled_stored == EPOCH
    assert desk.jobs() == before + 1
    assert "De bestemming is bewaard" in page.text
    for address in (LIST, f"{LIST}/{made.uuid}", f"{LIST}/{made.uuid}/change", f"{LIST}/{made.uuid}/refused"):
        assert SECRET not in desk.visitor.get(address).text
    assert SECRET not in desk.visitor.get(NEW).text


def test_a_target_may_begin_now(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    start = clock.now()
    desk.make(begin="now")
    with desk.database.read() as db:
        made = db.query(Target).order_by(Target.id.desc()).first()
    assert made is not None
    assert made.handled_stored >= start


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": " "}, "Vul een naam in."),
        ({"name": "x" * 121}, "Vul een naam in."),
        ({"endpoint": "lrs.example/xapi"}, "Vul een webadres in"),
        ({"endpoint": "ftp://lrs.example"}, "Vul een webadres in"),
        ({"endpoint": "file:///etc/passwd"}, "Vul een webadres in"),
        ({"endpoint": "https://me:secret@lrs.example"}, "Vul een webadres in"),
        ({"endpoint": "https://lrs.example/xapi?x=1"}, "Vul een webadres in"),
        ({"endpoint": "https://lrs.example:x/xapi"}, "Vul een webadres in"),
        ({"endpoint": "https://[lrs"}, "Vul een webadres in"),
        ({"version": "1.0.2"}, "Kies een versie."),
        ({"key": "a:b"}, "Vul de sleutel in."),
        ({"secret": ""}, "Vul het geheim in."),
        ({"area": ""}, "Kies een afdeling."),
        ({"area": "ouderenzorg"}, "Kies een afdeling."),
        ({"verb": "passed"}, "Dit is geen volledig webadres."),
        ({"activity": "een cursus"}, "Dit is geen volledig webadres."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(desk: Desk, typed: dict[str, Any], message: str) -> None:
    desk.enter(area="gezinszorg")
    page = desk.make(status=422, **typed)
    assert message in page.text
    assert SECRET not in desk.visitor.get(LIST).text
    with desk.database.read() as db:
        assert db.query(Target).count() == len(desk.targets)


def test_a_target_is_changed_and_keeps_its_secret(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    with desk.database.write() as db:
        db.query(Target).update({"paused_until": clock.now(), "failures": 3, "status": 401, "answer": "no"})
    address = f"{desk.here}/change"
    form = desk.visitor.page(address).form(address)
    assert form.values["key"] == ["key"]
    desk.visitor.submit(form, name="Anders", secret="", version="2.0.0")
    state = desk.state()
    assert (state.name, state.secret, state.version) == ("Anders", SECRET, "2.0.0")
    assert (state.paused_until, state.failures, state.status, state.answer) == (None, 0, None, "")
    desk.visitor.submit(desk.visitor.page(address).form(address), secret="another")
    assert desk.state().secret == "another"
    desk.visitor.submit(desk.visitor.page(address).form(address), status=422, area="ouderenzorg")
    assert desk.state().area == "gezinszorg"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/xapi", "http://lrs.example/xapi", "https://lrs.example:8443/xapi", "https://lrs.example.be"],
)
def test_a_secret_goes_to_no_other_host_than_it_was_given_for(desk: Desk, elsewhere: str) -> None:
    desk.enter(area="gezinszorg")
    address = f"{desk.here}/change"
    form = desk.visitor.page(address).form(address)
    page = desk.visitor.submit(form, status=422, endpoint=elsewhere)
    assert "Het adres leidt nu naar een ander programma. Vul het geheim opnieuw in." in page.text
    assert (desk.state().endpoint, desk.state().secret) == ("https://lrs.example/xapi", SECRET)
    desk.visitor.submit(form, endpoint=elsewhere, secret="theirs")
    assert (desk.state().endpoint, desk.state().secret) == (elsewhere, "theirs")


@pytest.mark.parametrize("same", ["https://LRS.example:443/xapi", "https://lrs.example/other/xapi"])
def test_a_secret_is_kept_for_the_same_host(desk: Desk, same: str) -> None:
    desk.enter(area="gezinszorg")
    address = f"{desk.here}/change"
    desk.visitor.submit(desk.visitor.page(address).form(address), endpoint=same)
    assert (desk.state().endpoint, desk.state().secret) == (same, SECRET)


def test_a_target_is_stopped_and_goes_on_where_it_was(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    page = desk.visitor.submit(desk.visitor.page(desk.here).form(f"{desk.here}/stop"))
    assert "Gestopt" in page.text
    assert not desk.state().is_on
    before = desk.jobs()
    page = desk.visitor.submit(page.form(f"{desk.here}/start"))
    assert "Gestopt" not in page.text
    assert desk.state().is_on
    assert desk.jobs() == before + 1


def test_how_far_a_target_is(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    with desk.database.write() as db:
        store(db, [minimal() for _number in range(3)], area="gezinszorg")
        store(db, [minimal()], area="ouderenzorg")
        target = db.get_one(Target, desk.targets["gezinszorg"].id)
        target.paused_until, target.failures = clock.now().replace(year=2100), 1
        target.status, target.answer = 503, "<i>even</i> dicht"
    assert "Wacht even" in desk.visitor.page(LIST).text
    page = desk.visitor.page(desk.here)
    assert "Wacht nog 3" in " ".join(page.text.split())
    assert "Antwoord 503" in page.text
    assert "<i>even</i> dicht" in page.text  # as text
    desk.visitor.submit(page.form(f"{desk.here}/start"))
    assert desk.state().paused_until is None


def test_what_was_refused_is_tried_again_or_dropped(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    first, second = desk.refuse(2)
    address = f"{desk.here}/refused"
    page = desk.visitor.page(address)
    assert "<b>No</b> 0" in page.text  # as text
    assert "Antwoord 400" in page.text
    before = desk.jobs()
    page = desk.visitor.submit(page.form(f"{address}/{first.uuid}/again"))
    assert "We proberen het opnieuw" in page.text
    assert desk.jobs() == before + 1
    page = desk.visitor.submit(page.form(f"{address}/{second.uuid}/drop"))
    with desk.database.read() as db:
        [left] = db.query(DeadLetter).all()
    assert left.uuid == first.uuid
    assert left.again_at is not None
    assert str(second.statement) not in page.text


def test_a_dead_letter_is_not_for_another_area(desk: Desk) -> None:
    desk.enter(area="ouderenzorg")
    [letter] = desk.refuse(1)
    theirs = f"{LIST}/{desk.targets['ouderenzorg'].uuid}"
    form = desk.visitor.page(theirs).form(f"{theirs}/stop")
    for place in (desk.here, theirs):
        for act in ("again", "drop"):
            answer = desk.visitor.post(
                f"{place}/refused/{letter.uuid}/{act}", data={"csrf_token": form.values["csrf_token"][0]}
            )
            assert answer.status_code == 404
    with desk.database.read() as db:
        assert db.query(DeadLetter).count() == 1


def test_all_that_was_refused_can_be_reached(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    refused = desk.refuse(201)
    address = f"{desk.here}/refused"
    shown = []
    page = desk.visitor.page(address)
    assert "201 berichten" in page.text
    while following := page.links().get("Volgende"):
        shown.append(page.text)
        page = desk.visitor.page(following)
    shown.append(page.text)
    assert [sum(str(letter.statement) in text for letter in refused) for text in shown] == [100, 100, 1]
    assert "201 tot 201 van 201" in " ".join(page.text.split())
    page = desk.visitor.submit(page.form(f"{address}/{refused[-1].uuid}/drop?page=3"))
    assert "101 tot 200 van 200" in " ".join(page.text.split())  # there is no third page any more


def test_all_that_was_refused_is_tried_again_at_once(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    asked, *_rest = desk.refuse(101)
    address = f"{desk.here}/refused"
    with desk.database.write() as db:
        other = DeadLetter(
            target_id=desk.targets["ouderenzorg"].id, statement_id=1, statement=uuid4(), failed_at=clock.now()
        )
        db.add(other)
    desk.visitor.submit(desk.visitor.page(address).form(f"{address}/{asked.uuid}/again"))
    with desk.database.read() as db:
        asked_at = db.get_one(DeadLetter, asked.id).again_at
    before = desk.jobs()
    page = desk.visitor.submit(desk.visitor.page(address).form(f"{address}/again"))
    assert "We proberen alles zo opnieuw" in page.text
    assert desk.jobs() == before + 1
    with desk.database.read() as db:
        again = {letter.id: letter.again_at for letter in db.query(DeadLetter)}
    assert again.pop(other.id) is None
    assert again.pop(asked.id) == asked_at is not None
    assert len(again) == 100
    assert None not in again.values()


class TestOutside:
    """An installation that may not go inside its own network."""

    @pytest.fixture
    def settings(self, database_url: str, tmp_path: Path) -> Settings:
        return settings_for(database_url, tmp_path, LEERLABO_MAY_GO_INSIDE="no")

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[fe80::1]", "0.0.0.0"],
    )
    def test_an_address_of_our_own_network_is_no_target(self, desk: Desk, host: str) -> None:
        desk.enter(Role.ADMIN)
        page = desk.make(status=422, endpoint=f"http://{host}/xapi")
        assert "ligt in ons eigen netwerk" in page.text
        change = f"{desk.here}/change"
        form = desk.visitor.page(change).form(change)
        changed = desk.visitor.submit(form, status=422, endpoint=f"http://{host}/xapi")
        assert "ligt in ons eigen netwerk" in changed.text
        assert desk.state().endpoint == "https://lrs.example/xapi"

    def test_a_name_that_leads_nowhere_yet_may_be_one(self, desk: Desk) -> None:
        desk.enter(Role.ADMIN)
        desk.make(endpoint="https://nowhere.invalid/xapi")
