"""The reading room: sentences for who looks after an area, and nobody else's."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from lms.accounts.models import Person
from lms.accounts.services import change_preferences, erase_person
from lms.app import connect_jobs
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.identity import Grant, Identity, Role
from lms.kernel.jobs import OutboxRow, run_due, run_row
from lms.kernel.storage import Storage
from tests.factories.accounts import make_organisation, make_person, sign_in_as
from tests.web.visitor import Visitor
from tests.web.xapi.conftest import Program
from xapi.credentials.queries import DEFAULT_IRI_BASE as BASE
from xapi.credentials.services import create_credential
from xapi.reading import queries, services, views
from xapi.reading.jobs import ExportTidier, export_failed
from xapi.reading.models import Export
from xapi.reading.queries import Wanted
from xapi.standard.actor import ifi_of
from xapi.statements.models import Statement, StatementFile
from xapi.statements.services import forget_actor, keep_files, store, void_statement

ADL = "http://adlnet.gov/expapi/verbs/"
COURSE = f"{BASE}activity/word-digicoach"
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)


def said(person: Person | None = None, done: str = "completed", **changes: Any) -> dict[str, Any]:
    """A statement as the platform writes it."""
    name = str(person.uuid) if person else "onbekend"
    return {
        "actor": {"objectType": "Agent", "account": {"homePage": BASE, "name": name}},
        "verb": {"id": ADL + done, "display": {"nl": "rondde af", "en": "completed"}},
        "object": {"id": COURSE, "definition": {"name": {"nl": "Word digicoach"}}},
        "timestamp": "2026-03-02T11:00:00Z",
    } | changes


class House:
    """Two areas with a person each, and somebody who reads the record of the first."""

    def __init__(self, database: Database, visitor: Visitor) -> None:
        self.database, self.visitor = database, visitor
        with database.write() as db:
            here = make_organisation(db, name="De Linde", area="gezinszorg")
            there = make_organisation(db, name="De Eik", area="ouderenzorg")
            self.emma = make_person(db, organisation=here, first_name="Emma", last_name="Peeters")
            self.hugo = make_person(db, organisation=there, first_name="Hugo", last_name="Peeters")
            self.reader = make_person(db, role=Role.CONSULTANT, area="gezinszorg", first_name="Sofie")

    def enter(self, **grant: Any) -> None:
        """Come in as who reads; with a role given, as somebody who holds it."""
        reader = self.reader
        if grant:
            with self.database.write() as db:
                reader = make_person(db, first_name="Ada", **grant)
        sign_in_as(self.visitor, reader)

    def keep(self, *statements: dict[str, Any], area: str | None = "gezinszorg", at: datetime = NOON) -> list[UUID]:
        """Store these."""
        with clock.moved_to(at), self.database.write() as db:
            return store(db, statements, area=area)

    def sentences(self, query: str = "") -> list[str]:
        """What the page says."""
        page = self.visitor.page(f"/desk/statements{query}")
        return [
            " ".join("".join(link.itertext()).split()) for link in page.root.iter("a") if is_statement(link.get("href"))
        ]

    def ask(self, kind: str, query: str = "") -> TestResponse:
        """Press the button for this kind of file."""
        form = next(
            form for form in self.visitor.page(f"/desk/statements{query}").forms() if form.values.get("kind") == [kind]
        )
        fields = {name: values[0] for name, values in form.values.items()}
        return self.visitor.post(form.action, data=fields)

    def export(self, kind: str, query: str = "") -> bytes:
        """The file, sent at once."""
        answer = self.ask(kind, query)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=statements-")
        return bytes(answer.data)


def rows_of(file: bytes) -> list[dict[str, str]]:
    """A CSV file as a spreadsheet in Belgium reads it."""
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))


def is_statement(address: str | None) -> bool:
    """Whether this leads to a statement's own page."""
    return bool(address) and (address or "").startswith("/desk/statements/")


@pytest.fixture
def house(database: Database, visitor: Visitor) -> House:
    return House(database, visitor)


def test_a_statement_is_a_sentence_in_the_readers_language(house: House) -> None:
    house.keep(said(house.emma))
    house.enter()
    assert house.sentences() == ["Emma Peeters rondde Word digicoach af"]
    with house.database.write() as db:
        change_preferences(db, house.reader.id, language="en", text_size="", theme="")
    assert house.sentences() == ["Emma Peeters completed Word digicoach"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"actor": {"mbox": "mailto:jo@elders.be"}}, "jo@elders.be rondde Word digicoach af"),
        ({"actor": {"openid": "urn:jo", "name": "Jo"}}, "Jo rondde Word digicoach af"),
        (
            {"actor": {"objectType": "Group", "member": [{"openid": "urn:a", "name": "An"}, {"openid": "urn:b"}]}},
            "An, urn:b rondde Word digicoach af",
        ),
        (
            {"verb": {"id": "urn:verb:zong", "display": {"nl-BE": "zong"}}},
            "onbekend zong Word digicoach",
        ),
        ({"verb": {"id": "https://verbs.example/sang"}}, "onbekend sang Word digicoach"),
        ({"object": {"id": "https://example.org/lied/"}}, "onbekend rondde lied af"),
        (
            {"object": {"objectType": "Agent", "mbox": "mailto:an@elders.be"}},
            "onbekend rondde an@elders.be af",
        ),
        ({"actor": {"openid": "urn:x", "name": "<b>%(x)s</b>"}}, "<b>%(x)s</b> rondde Word digicoach af"),
    ],
)
def test_whoever_and_whatever_it_is_about(house: House, changes: dict[str, Any], sentence: str) -> None:
    house.keep(said(**changes))
    house.enter()
    assert house.sentences() == [sentence]


def test_only_the_areas_of_who_asks(house: House) -> None:
    house.keep(said(house.emma))
    [there] = house.keep(said(house.hugo), area="ouderenzorg")
    [nowhere] = house.keep(said(), area=None)
    house.enter()
    assert house.sentences() == ["Emma Peeters rondde Word digicoach af"]
    assert house.sentences("?area=ouderenzorg") == []
    assert house.sentences("?search=Hugo") == []
    assert "Hugo" not in house.visitor.page(f"/desk/statements?person={house.hugo.uuid}").text
    for hidden in (there, nowhere):
        house.visitor.page(f"/desk/statements/{hidden}", status=404)
    export = house.export("jsonl").decode()
    assert str(there) not in export
    assert str(nowhere) not in export
    house.enter(role=Role.ADMIN)
    assert len(house.sentences()) == 3
    assert len(house.sentences("?area=ouderenzorg")) == 1


@pytest.mark.parametrize("role", [Role.LEARNER, Role.TRAINER, Role.DELEGATE])
def test_nobody_else_comes_in(house: House, role: Role) -> None:
    [uuid] = house.keep(said(house.emma))
    house.enter(role=role, area="gezinszorg")
    for path in ("/desk/statements", f"/desk/statements/{uuid}"):
        house.visitor.page(path, status=403)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?search=emma+peet", ["Emma Peeters rondde Word digicoach af", "Emma Peeters begon aan Word digicoach"]),
        ("?search=nobody", []),
        ("?search=jo@elders.be", ["jo@elders.be rondde Ander af"]),
        (f"?verb={ADL}initialized", ["Emma Peeters begon aan Word digicoach"]),
        (f"?activity={COURSE}", ["Emma Peeters rondde Word digicoach af", "Emma Peeters begon aan Word digicoach"]),
        (f"?search=emma&activity={COURSE}&verb={ADL}completed", ["Emma Peeters rondde Word digicoach af"]),
        (f"?search=jo@elders.be&activity={COURSE}", []),
        ("?since=2026-03-02", ["Emma Peeters rondde Word digicoach af", "Emma Peeters begon aan Word digicoach"]),
        ("?until=2026-03-01", ["jo@elders.be rondde Ander af"]),
        ("?since=0001-01-01&until=9999-12-31&before=nul&person=x&area=x", None),
    ],
)
def test_filters(house: House, query: str, found: list[str] | None) -> None:
    stranger = said(actor={"mbox": "mailto:jo@elders.be"}, object={"id": "urn:Ander"}, timestamp="2026-03-01T22:59:59Z")
    stranger["object"]["definition"] = {"name": {"nl": "Ander"}}
    house.keep(stranger)
    context = {"contextActivities": {"parent": [{"id": COURSE}]}}
    begun = said(house.emma, "initialized", context=context, timestamp="2026-03-01T23:00:00Z")
    begun["object"] = begun["object"] | {"id": COURSE + "/stap"}
    house.keep(begun)
    house.keep(said(house.emma))
    house.enter()
    assert house.sentences(query) == (house.sentences() if found is None else found)


def test_pages_go_on_where_the_last_one_ended(house: House) -> None:
    house.keep(*(said(object={"id": f"urn:x/{number:03}"}) for number in range(120)))
    house.enter()
    seen, address = [], "/desk/statements"
    while address:
        page = house.visitor.page(address)
        seen += house.sentences(address.removeprefix("/desk/statements"))
        house.keep(said(house.emma))  # who stores meanwhile moves nothing
        address = page.links().get("Ouder", "")
    assert [sentence.split()[2] for sentence in seen] == [f"{number:03}" for number in range(119, -1, -1)]


def test_a_statements_own_page_shows_its_letters_and_how_it_was_kept(house: House) -> None:
    [uuid] = house.keep(said(house.emma, result={"response": "<script>x</script>", "score": {"scaled": 0.50}}))
    with house.database.write() as db:
        [voiding] = [void_statement(db, uuid, actor=said(house.emma)["actor"], area="gezinszorg")]
    house.enter()
    page = house.visitor.page(f"/desk/statements/{uuid}")
    assert page.h1 == "Emma Peeters rondde Word digicoach af"
    assert "<script>x</script>" in page.text
    assert "Leerlabo" in page.text
    assert "Dit bericht is ingetrokken." in page.text
    assert page.links()["Bekijk waarmee"] == f"/desk/statements/{voiding}"
    assert "Ingetrokken" in house.visitor.page("/desk/statements").text


def test_an_erased_person_has_no_name(house: House, erase: Callable[[Person], None]) -> None:
    house.keep(said(house.emma))
    erase(house.emma)
    house.enter()
    assert house.sentences() == ["Gewiste persoon rondde Word digicoach af"]
    assert house.sentences("?search=Emma") == []
    assert "Emma" not in house.export("csv").decode()


@pytest.fixture
def erase(database: Database) -> Callable[[Person], None]:
    def do(person: Person) -> None:
        with database.write() as db:
            erase_person(db, person.id)

    return do


def test_an_export_holds_what_is_filtered_in_pieces(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PIECE", 7)
    ids = house.keep(*(said(house.emma) for _number in range(20)))
    house.keep(said(house.emma, "initialized", actor={"openid": "urn:=x", "name": '=HYPERLINK("x")'}))
    house.enter()
    lines = house.export("jsonl", f"?verb={ADL}completed").splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == [str(uuid) for uuid in ids]
    rows = rows_of(house.export("csv"))
    assert [row["id"] for row in rows[:-1]] == [str(uuid) for uuid in ids]
    assert rows[-1]["actor"] == '\'=HYPERLINK("x")'
    assert (rows[0]["actor"], rows[0]["object"], rows[0]["voided"]) == ("Emma Peeters", "Word digicoach", "no")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "\r\n="])
def test_what_others_wrote_is_no_formula(house: House, start: str) -> None:
    name = f"{start}1+1"
    house.keep(said(object={"id": "urn:x:1", "definition": {"name": {"nl": name}}}))
    house.enter()
    [row] = rows_of(house.export("csv"))
    assert row["object"] == f"'{name}"


def test_no_separator_begins_a_cell(house: House) -> None:
    name = 'x;=1+1,=1+1\t=1+1";=1+1'
    house.keep(said(object={"id": "urn:x:1", "definition": {"name": {"nl": name}}}))
    house.enter()
    file = house.export("csv")
    assert rows_of(file)[0]["object"] == name
    quoted = name.replace('"', '""')
    assert f'"{quoted}"'.encode() in file
    assert file.decode("utf-8-sig").splitlines()[0].startswith('"id";"timestamp";')


def test_a_part_for_many_people_is_read_in_little_memory(database: Database) -> None:
    people = [f"urn:person:{number}" for number in range(20)]
    long = "x" * 20_000
    with database.write() as db:
        for number in range(60):
            given = [said(actor={"openid": person}, result={"response": f"{number} {long}"}) for person in people]
            store(db, given)
    wanted = Wanted(agents=tuple(filter(None, (ifi_of({"openid": person}) for person in people))))
    admin = Identity(grants=(Grant(Role.ADMIN),))
    for listed in (queries.list_kept, queries.list_onwards):
        with database.read() as db:
            tracemalloc.start()
            rows = listed(db, admin, wanted, limit=60)
            _now, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert len(rows) == 60
        assert peak < 3 * 60 * len(long)  # and not 20 times


def test_a_kept_line_break_breaks_no_line(house: House) -> None:
    with house.database.write() as db:
        credential, secret = create_credential(db, "Elders", area="gezinszorg")
    program = Program(house.visitor.application, credential.key, secret)
    program.post(orjson.dumps(said(house.emma), option=orjson.OPT_INDENT_2))
    house.enter()
    [line] = house.export("jsonl").splitlines()
    assert orjson.loads(line)["verb"]["id"] == ADL + "completed"
    assert timedelta(0) <= clock.now() - datetime.fromisoformat(orjson.loads(line)["stored"])


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Does what the worker has to do, until nothing is left."""

    def do() -> None:
        handlers = connect_jobs(app.extensions["settings"])
        while run_due(app.extensions["database"], handlers):
            pass

    return do


def test_a_long_export_is_written_by_the_worker(
    house: House, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, another_visitor: Callable[[], Visitor]
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 10)
    monkeypatch.setattr(services, "PART", 4)
    monkeypatch.setattr(services, "PARTS_A_RUN", 2)
    ids = house.keep(*(said(house.emma) for _number in range(20)))
    house.keep(said(house.hugo), area="ouderenzorg")
    house.enter()
    asked = "?search=emma&since=2026-01-01&until=2026-12-31"
    address = house.ask("csv", asked).headers["Location"]
    assert "We tellen hoeveel berichten het zijn." in house.visitor.page(address).text
    assert house.visitor.get(f"{address}/file").status_code == 404
    with house.database.read() as db:
        first = db.scalars(sa.select(OutboxRow.id)).one()
    run_row(house.database, connect_jobs(house.visitor.application.extensions["settings"]), first)
    assert "8 van 20 berichten klaar" in house.visitor.get(
        f"{address}/progress", headers={"HX-Request": "true"}
    ).get_data(as_text=True)
    house.keep(said(house.emma))  # who stores meanwhile is not in it
    work()
    assert "Het is klaar." in house.visitor.page(address).text
    rows = rows_of(house.visitor.get(f"{address}/file").data)
    assert [row["id"] for row in rows] == [str(uuid) for uuid in ids]
    other = another_visitor()
    with house.database.write() as db:
        colleague = make_person(db, role=Role.CONSULTANT, area="gezinszorg")
    sign_in_as(other, colleague)
    for path in (address, f"{address}/progress", f"{address}/file"):
        assert other.get(path, headers={"HX-Request": "true"}).status_code == 404


def test_a_file_goes_after_a_day_and_when_somebody_is_erased(
    house: House, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, erase: Callable[[Person], None]
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 1)
    house.keep(*(said(house.emma) for _number in range(3)))
    house.enter()
    storage: Storage = house.visitor.application.extensions["storage"]
    address = house.ask("jsonl").headers["Location"]
    work()
    assert len(storage.list("exports")) == 1
    assert services.drop_exports(house.database, storage, clock.now() - services.KEPT_FOR) == 0
    erase(house.emma)
    work()
    assert storage.list("exports") == []
    house.visitor.page(address, status=404)
    address = house.ask("jsonl").headers["Location"]
    work()
    with house.database.write() as db:
        forget_actor(db, {"mbox": "mailto:an@elders.be"})
    work()
    assert house.visitor.get(f"{address}/file").status_code == 404
    assert storage.list("exports") == []
    house.ask("jsonl")
    work()
    with clock.moved_to(clock.now() + timedelta(days=2)):
        ExportTidier(storage)(house.database)
    assert storage.list("exports") == []


def test_work_that_is_given_up_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 1)
    house.keep(said(house.emma), said(house.emma))
    house.enter()
    address = house.ask("jsonl").headers["Location"]
    with house.database.write() as db:
        export_failed(db, {"export": db.scalars(sa.select(Export.id)).one()})
    assert "Het werk stopte." in house.visitor.page(address).text


@pytest.mark.parametrize("at_once", [100, 1], ids=["sent at once", "by the worker"])
def test_a_zip_holds_the_data_of_attachments_too(
    house: House, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", at_once)
    monkeypatch.setattr(services, "PART", 2)
    picture = b"\x89PNG a picture"
    sha2 = hashlib.sha256(picture).hexdigest()
    attachment = {"usageType": "urn:use", "display": {"nl": "Foto"}, "contentType": "image/png", "length": 14}
    ids = house.keep(*(said(house.emma, attachments=[attachment | {"sha2": sha2}]) for _number in range(3)))
    storage: Storage = house.visitor.application.extensions["storage"]
    keep_files(storage, {sha2: picture})
    with house.database.write() as db:
        for row_id in db.scalars(sa.select(Statement.id)):
            db.add(StatementFile(statement_id=row_id, sha2=sha2))
    house.enter()

    answer = house.ask("zip")
    if at_once == 1:
        work()
        answer = house.visitor.get(f"{answer.headers['Location']}/file")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["statements.jsonl", f"attachments/{sha2}"]
        assert archive.read(f"attachments/{sha2}") == picture
        lines = archive.read("statements.jsonl").splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == [str(uuid) for uuid in ids]
