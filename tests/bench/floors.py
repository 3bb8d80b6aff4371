"""What the bare database takes and gives of the record, beside which `./dev bench lrs` sets the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count, cycle
from typing import Any
from uuid import uuid4

from lms.kernel.db import Database

BATCH = 50
FLOOR_SECONDS = 1.0
SAMPLES = 200
# What a statement is found by: its id stands third in each of these, behind two keys.
LINKS = {
    "statement_agent": ("agent", "role"),
    "statement_activity": ("activity", "role"),
    "statement_pair": ("agent", "activity"),
}
Row = tuple[Any, ...]


class Floors:
    """The same rows through the bare driver, one thread: what no server can be faster than on this machine.

    What is inserted are rows that were stored, all their columns, in the same tables with the same indexes, under keys
    of their own; afterwards they go again. What is selected are the rows that a request answers, by ids that were found
    beforehand: what lies between is finding them, and being a server.
    """

    def __init__(self, database: Database) -> None:
        self._is_sqlite = database.is_sqlite
        self._connection = database.engine.raw_connection()
        self._raw: Any = self._connection.driver_connection

    def insert_one(self) -> float:
        """Statements a second, one a commit."""
        return self._inserted(1)

    def insert_batch(self) -> float:
        """Statements a second, fifty a commit."""
        return self._inserted(BATCH)

    def insert_document(self) -> float:
        """Documents a second, one a commit."""
        [document] = self._ask("SELECT * FROM document LIMIT 1")
        made: list[Row] = []

        def put() -> int:
            made.append((_new_like(document[0]),))
            self._put({"document": [made[-1] + document[1:]]})
            return 1

        rate = _rate(put)
        self._take_out({"DELETE FROM document WHERE key = ?": made})
        return rate

    def select_one(self) -> float:
        """Payloads a second, by uuid."""
        uuids = cycle(self._ask("SELECT uuid FROM statement ORDER BY id LIMIT ?", SAMPLES))
        return _rate(lambda: len(self._ask("SELECT payload FROM statement WHERE uuid = ?", *next(uuids))))

    def select_document(self) -> float:
        """Documents a second, by their key."""
        keys = cycle(self._ask("SELECT key FROM document LIMIT ?", SAMPLES))
        return _rate(lambda: len(self._ask("SELECT content, content_type FROM document WHERE key = ?", *next(keys))))

    def select_list(self) -> float:
        """Lists a second: the newest fifty."""
        return self._selected("SELECT id FROM statement ORDER BY id DESC LIMIT 50", [()])

    def select_actors(self) -> float:
        """Lists a second: the last fifty of each of those who did something last."""
        found = (
            "SELECT statement_id FROM statement_agent WHERE agent = ? AND role = 0 ORDER BY statement_id DESC LIMIT 50"
        )
        return self._selected(found, self._ask(f"SELECT DISTINCT actor_key FROM ({_LAST}) AS last", SAMPLES))

    def select_filtered(self) -> float:
        """Lists a second: what each of those did with an activity, the last fifty times."""
        about = "JOIN statement_activity ON statement_id = id AND role = 0"
        found = f"SELECT id FROM statement {about} WHERE actor_key = ? AND verb_key = ? AND activity = ?"
        asked = f"SELECT DISTINCT actor_key, verb_key, activity FROM ({_LAST}) AS last {about}"
        return self._selected(f"{found} ORDER BY id DESC LIMIT 50", self._ask(asked, SAMPLES))

    def _selected(self, found: str, asked: Sequence[Row]) -> float:
        """Lists a second of the payloads with the ids that are found for each of what is asked."""
        turns = cycle([[row[0] for row in self._ask(found, *values)] for values in asked])

        def select() -> int:
            ids = next(turns)
            marks = ", ".join("?" * len(ids))
            self._ask(f"SELECT payload FROM statement WHERE id IN ({marks}) ORDER BY id DESC", *ids)
            return 1

        return _rate(select)

    def _inserted(self, many: int) -> float:
        """Statements a second, with all that they are found by."""
        time.sleep(QUIET_S)
        last = self._ask("SELECT * FROM statement ORDER BY id DESC LIMIT ?", BATCH)
        links = {
            table: [self._ask(f"SELECT * FROM {table} WHERE statement_id = ?", row[0]) for row in last]
            for table in LINKS
        }
        first = last[0][0] + 1
        numbers = count(first)

        def put() -> int:
            ids = [next(numbers) for _ in range(many)]
            rows = {"statement": [(new, _new_like(row[1]), *row[2:]) for new, row in zip(ids, last, strict=False)]}
            for table in LINKS:
                found = zip(ids, links[table], strict=False)
                rows[table] = [(*link[:2], new, *link[3:]) for new, its in found for link in its]
            self._put(rows)
            return many

        rate = _rate(put)
        made: dict[str, list[Row]] = {"DELETE FROM statement WHERE id >= ?": [(first,)]}
        for table, (one, other) in LINKS.items():
            gone = f"DELETE FROM {table} WHERE {one} = ? AND {other} = ? AND statement_id >= ?"
            made[gone] = [(*link[:2], first) for found in links[table] for link in found]
        self._take_out(made)
        return rate

    def _put(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Rows by table in one transaction, the quickest way the driver has: few in one message, many by COPY."""
        if self._is_sqlite:
            self._many({_insert(table, found): found for table, found in rows.items()})
        elif sum(map(len, rows.values())) <= FEW:
            with self._raw.pipeline():
                self._many({_insert(table, found): found for table, found in rows.items()})
        else:
            self._raw.execute("BEGIN")
            for table, found in rows.items():
                with self._raw.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    for row in found:
                        copy.write_row(row)
            self._raw.execute("COMMIT")

    def _many(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Each of these statements with each of its rows, in one transaction."""
        cursor = self._raw.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self._is_sqlite else "BEGIN")
        for statement_, found in rows.items():
            cursor.executemany(self._worded(statement_), found)
        cursor.execute("COMMIT")

    def _take_out(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """What was inserted, so that what is measured next finds the record as it was."""
        self._many(rows)
        if not self._is_sqlite:
            self._raw.execute("VACUUM")

    def _ask(self, query: str, *values: Any) -> list[Row]:
        options = {} if self._is_sqlite else {"binary": True}
        found: list[Row] = self._raw.execute(self._worded(query), values, **options).fetchall()
        return found

    def _worded(self, query: str) -> str:
        return query if self._is_sqlite else query.replace("?", "%s")


_LAST = "SELECT id, actor_key, verb_key FROM statement WHERE actor_key IS NOT NULL ORDER BY id DESC LIMIT ?"
FEW = 20  # rows
QUIET_S = 0.5  # by then the server is done with what was under way when the measuring ended


def _insert(table: str, rows: Sequence[Row]) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"


def _new_like(key: Any) -> Any:
    """A new uuid, in the form in which the driver gave one."""
    new = uuid4()
    return new.bytes if type(key) is bytes else new.hex if type(key) is str else new


def _rate(act: Callable[[], int]) -> float:
    """How much this does in a second."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < FLOOR_SECONDS:
        done += act()
    return done / (time.perf_counter() - began)
