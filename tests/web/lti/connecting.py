"""Somebody at the desk of platforms, and the administrator of a platform who opens a registration link."""

from __future__ import annotations

from typing import Any

from flask import Flask

from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.lti.models import Deployment, PlatformRegistration, RegistrationInvitation
from tests.factories.accounts import make_organisation, make_person, sign_in_as
from tests.services.platform import HOST
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of

LIST = "/desk/platforms"
NEW = f"{LIST}/new"
LINKS = f"{LIST}/invitations"


class Office:
    """Employers in two areas, and whoever comes in to look after one of them, or both."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        with database.write() as db:
            self.employers = {area: make_organisation(db, area=area) for area in ("gezinszorg", "ouderenzorg")}

    def enter(self, role: Role = Role.CONSULTANT, area: str | None = "gezinszorg") -> Visitor:
        """Somebody with this role, signed in."""
        visitor = visitor_of(self.app)
        with self.database.write() as db:
            organisation = self.employers["gezinszorg"] if role is Role.OFFICER else None
            area = None if role in (Role.ADMIN, Role.OFFICER) else area
            person = make_person(db, role=role, area=area, organisation=organisation)
        sign_in_as(visitor, person)
        return visitor

    def typed(self, **changes: Any) -> dict[str, Any]:
        """A Moodle by hand."""
        return {
            "name": "Moodle van de school",
            "organisation": str(self.employers["gezinszorg"].uuid),
            "area": "gezinszorg",
            "product": "moodle",
            "site": "https://moodle.example",
            "client_id": "abc123",
            "deployment_id": "7",
        } | changes

    def add(self, visitor: Visitor, *, status: int = 200, **changes: Any) -> Page:
        """Fill in the form of a new platform."""
        return visitor.submit(visitor.page(NEW).form(NEW), self.typed(**changes), status=status)

    def make_link(self, visitor: Visitor, **changes: Any) -> str:
        """Make a registration link, and copy its path."""
        form = visitor.page(f"{LINKS}/new").form(f"{LINKS}/new")
        values = {"name": "Moodle van de school", "organisation": str(self.employers["gezinszorg"].uuid)}
        page = visitor.submit(form, values | {"area": "gezinszorg"} | changes)
        [link] = ["".join(each.itertext()) for each in page.root.iter("p") if each.get("data-link") is not None]
        assert link.startswith(f"http://{HOST}/lti/register/")
        return link.removeprefix(f"http://{HOST}")

    def platforms(self) -> list[PlatformRegistration]:
        with self.database.read() as db:
            return db.query(PlatformRegistration).order_by(PlatformRegistration.id).all()

    def deployments(self) -> list[Deployment]:
        with self.database.read() as db:
            return db.query(Deployment).order_by(Deployment.id).all()

    def link(self) -> RegistrationInvitation:
        with self.database.read() as db:
            return db.query(RegistrationInvitation).one()
