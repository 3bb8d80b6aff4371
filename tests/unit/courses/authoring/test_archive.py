"""Zips as people make them, and as people who mean harm do."""

from __future__ import annotations

import io
import stat
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.authoring.formats import BadArchive, archive, new_course, read_course, read_zip

MANIFEST = {"course.yml": b"id: x\n"}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for path, data in files.items():
            made.writestr(path, data)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(BadArchive) as caught:
        read_zip(data)
    return str(caught.value)


def test_a_course_comes_out_as_it_went_in() -> None:
    files = new_course("proef", "Proef")
    assert read_zip(zipped(files)) == files
    inside = read_zip(zipped({f"proef/{path}": data for path, data in files.items()}))
    assert inside == files
    assert read_course(inside).outline is not None


def test_what_computers_leave_behind_is_dropped() -> None:
    junk = {"__MACOSX/course.yml": b"", ".DS_Store": b"", "media/Thumbs.db": b"", "x/.git/config": b"", "map/": b""}
    assert read_zip(zipped(MANIFEST | junk)) == MANIFEST


def test_names_of_windows_and_macos_are_understood() -> None:
    made = zipped(MANIFEST | {"media/reunie.svg": b"1", "media\\kaart.svg": b"2"})
    mac = made.replace(b"media/reunie.svg", "media/réuni.svg".encode())
    assert set(read_zip(mac)) == {"course.yml", "media/réuni.svg", "media/kaart.svg"}
    dos = made.replace(b"media/reunie.svg", "media/réunie.svg".encode("cp437"))
    assert "media/réunie.svg" in read_zip(dos)


@pytest.mark.parametrize("path", ["../x.md", "a/../../x.md", "/etc/x.md", "..\\x.md", "C:\\x.md", "C:/x.md"])
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    assert "buiten de map" in refusal(zipped(MANIFEST | {path: b"x"}))


def test_links_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("course.yml", b"id: x")
        link = zipfile.ZipInfo("media/x.svg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert "verwijzing" in refusal(out.getvalue())


def test_bombs_are_stopped_by_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_FILE", 1000)
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 2500)
    assert "50 MB" in refusal(zipped(MANIFEST | {"a.md": b"\0" * 1001}))
    assert "100 MB" in refusal(zipped(MANIFEST | {f"{at}.md": b"\0" * 1000 for at in range(3)}))
    assert len(read_zip(zipped(MANIFEST | {"a.md": b"\0" * 1000, "b.md": b"\0" * 1000}))) == 3


def test_a_header_that_lies_about_the_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_FILE", 1000)
    made = zipped(MANIFEST | {"a.md": b"\0" * 60_000})
    lying = made.replace((60_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert refusal(lying)


def test_too_many_files_are_refused() -> None:
    assert "2.000" in refusal(zipped(MANIFEST | {f"{at}.md": b"" for at in range(2000)}))
    assert "2.000" in refusal(b"PK\x01\x02" * 5000)


def test_two_courses_or_none_are_refused() -> None:
    assert "meer dan één" in refusal(zipped({"a/course.yml": b"", "b/course.yml": b""}))
    assert "geen course.yml" in refusal(zipped({"a/b/course.yml": b""}))


def test_a_double_or_encrypted_file_is_refused() -> None:
    made = zipped(MANIFEST | {"media/a.svg": b"1", "media/b.svg": b"2"})
    assert "twee keer" in refusal(made.replace(b"media/b.svg", b"media/a.svg"))
    locked = bytearray(zipped(MANIFEST))
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + flags_at] |= 1
    assert "niet te lezen" in refusal(bytes(locked))


def test_what_is_no_zip_is_refused() -> None:
    assert "niet te lezen" in refusal(b"PK\x03\x04 maar dan niet")


WHOLE = zipped(new_course("proef", "Proef"))


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_a_damaged_zip_is_read_or_refused(at: int, instead: bytes, cut: bool) -> None:  # noqa: FBT001
    damaged = WHOLE[:at] + instead + (b"" if cut else WHOLE[at + len(instead) :])
    with suppress(BadArchive):
        assert read_zip(damaged)
