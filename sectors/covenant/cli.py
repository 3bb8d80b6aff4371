"""`leerlabo targets` and `leerlabo report`: the covenant's figures and its papers, on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.i18n import format_date, format_money
from lms.kernel.i18n import gettext as _
from lms.kernel.pdf import render_pdf
from sectors.covenant.formats import Covenant, covenant_names, load_covenant
from sectors.covenant.queries import CommitmentFigure, PartFigure, Targets, compute_targets
from sectors.covenant.queries.exports import targets_to_json
from sectors.covenant.queries.report import progress_report
from sectors.covenant.queries.words import figure_text, name_of, period_name, status_text, target_text

DONE, REFUSED = 0, 1


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`targets` and `report progress|final`."""
    targets = commands.add_parser("targets", help="every commitment of a covenant with its figure, and the funding")
    _add_covenant(targets)
    targets.add_argument("--json", action="store_true", help="for programs")
    targets.set_defaults(run=_targets)
    report = commands.add_parser("report", help="a report on a covenant, as a PDF")
    report.add_argument("kind", choices=("progress", "final"))
    _add_covenant(report)
    report.add_argument("--out", required=True, type=Path, metavar="FILE.pdf")
    report.set_defaults(run=_report)


def _add_covenant(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--covenant", required=True, type=_covenant, metavar="NAME", help=", ".join(covenant_names()))
    parser.add_argument(
        "--cut-off", type=_day, metavar="YYYY-MM-DD", help="figures as they stood at the end of this day; today"
    )


def _covenant(name: str) -> Covenant:
    try:
        return load_covenant(name)
    except KeyError:
        raise argparse.ArgumentTypeError(f"there is no covenant {name}; choose {', '.join(covenant_names())}") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day; write it as 2025-03-14") from None


def _targets(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    with database.read() as db:
        targets = compute_targets(db, chosen.covenant, cut_off=chosen.cut_off or clock.today())
    if chosen.json:
        print(json.dumps(targets_to_json(targets), ensure_ascii=False, indent=2))
    else:
        _print_table(targets)
    return DONE


def _report(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    if chosen.kind == "final":
        print(_("Het eindrapport kan nog niet: de kosten van het convenant staan hier nog niet."), file=sys.stderr)
        return REFUSED
    with database.read() as db:
        html = progress_report(db, chosen.covenant, cut_off=chosen.cut_off or clock.today())
    try:
        chosen.out.write_bytes(render_pdf(html))
    except OSError as error:
        print(_("Het bestand %(file)s kan niet: %(why)s.", file=chosen.out, why=error.strerror), file=sys.stderr)
        return REFUSED
    return DONE


def _print_table(targets: Targets) -> None:
    print(f"{targets.covenant.title}. {_('Stand op %(date)s.', date=format_date(targets.cut_off))}\n")
    for figure in targets.commitments:
        for part in figure.parts:
            print(_line(figure, part))
    funding = targets.funding
    print(f"\n{_('Nu verworven voor resultaat')}: {format_money(funding.earned)} ({funding.met}/{funding.of})")
    print(f"{_('Nog te verdienen')}: {format_money(targets.still_to_earn)}")
    print(f"{_('Samen')}: {format_money(funding.total)}")


def _line(figure: CommitmentFigure, part: PartFigure) -> str:
    now = figure_text(part.part, part.current.figure)
    goal = target_text(part.part, part.current.period.target)
    where = f"{_(part.part.title)} ({period_name(part.part, part.current.period)})"
    return f"{name_of(figure.commitment):<52} {where:<62} {now:>8} / {goal:<8} {status_text(figure)}"
