"""A taught meeting as a file for somebody's own calendar (iCalendar, RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

DAY_BEFORE = timedelta(days=-1)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a calendar shows. `uid` is stable, so that a second download replaces the first; moments are UTC."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    location: str
    description: str
    url: str
    stamp: datetime
    is_cancelled: bool = False


def entry_to_ics(entry: CalendarEntry) -> bytes:
    """The file, with a reminder a day before."""
    calendar = Calendar()
    calendar.add("prodid", "-//Leerlabo//NL")
    calendar.add("version", "2.0")
    calendar.add_component(_event(entry))
    data: bytes = calendar.to_ical()
    return data


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    for name, value in (("location", entry.location), ("description", entry.description), ("url", entry.url)):
        if value:
            event.add(name, value)
    event.add_component(_reminder(entry.title))
    return event


def _reminder(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", DAY_BEFORE)
    return alarm
