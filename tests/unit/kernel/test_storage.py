"""Files by key: a folder and an object store behave alike, and no key leads out of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.kernel.errors import NotFound
from lms.kernel.storage import Storage, is_key

ODD_KEYS = [
    "a.txt",
    "courses/word-digicoach/1/media/kijk.webm",
    "met spatie/één bestand.txt",
    "50%.txt",
    "a%2Fb",
    "%2e%2e/secret",
    "a\\b",
    "#q?x=1&y",
    "~/con:aux",
    "...",
    "日本語/ملف",
]
NO_KEYS = ["", "..", ".", "../secret", "a/../../secret", "a/./b", "a//b", "/a", "a/", "a\nb", "a\0b", "x" * 300]


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Either kind of store, empty."""
    url: str = f"file://{tmp_path / 'files'}" if request.param == "folder" else request.getfixturevalue("s3_url")
    return Storage(url)


@pytest.mark.parametrize("key", ODD_KEYS)
def test_what_is_put_under_a_key_is_there_alone(storage: Storage, key: str) -> None:
    storage.put("other", b"other")
    storage.put(key, b"bytes \0\xff")
    assert storage.get(key) == b"bytes \0\xff"
    assert storage.exists(key)
    assert storage.get("other") == b"other"
    storage.delete(key)
    assert not storage.exists(key)
    with pytest.raises(NotFound):
        storage.get(key)
    assert storage.exists("other")


def test_the_last_one_put_stays(storage: Storage) -> None:
    storage.put("key", b"a longer one")
    storage.put("key", b"short")
    assert storage.get("key") == b"short"


def test_nothing_may_be_kept_too(storage: Storage) -> None:
    storage.put("empty", b"")
    assert storage.get("empty") == b""
    assert storage.exists("empty")


def test_deleting_what_is_not_there_does_no_harm(storage: Storage) -> None:
    storage.delete("never")


def test_listing_names_what_is_below_a_folder_sorted(storage: Storage) -> None:
    for key in ("courses/b/2/x.svg", "courses/a/1/é.svg", "courses/a/1/b.svg", "coursesandmore/x"):
        storage.put(key, b"x")
    assert storage.list("courses") == ["courses/a/1/b.svg", "courses/a/1/é.svg", "courses/b/2/x.svg"]
    assert storage.list("courses/a") == ["courses/a/1/b.svg", "courses/a/1/é.svg"]
    assert storage.list("nowhere") == []


def test_a_folder_is_not_a_file(storage: Storage) -> None:
    storage.put("folder/file", b"x")
    assert not storage.exists("folder")
    with pytest.raises(NotFound):
        storage.get("folder")


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_cannot_be_a_key_is_never_found_and_never_kept(storage: Storage, key: str) -> None:
    assert not storage.exists(key)
    with pytest.raises(NotFound):
        storage.get(key)
    with pytest.raises(ValueError, match="not a key"):
        storage.put(key, b"x")
    storage.delete(key)


PARTS = st.one_of(st.sampled_from(["..", ".", "", "~", "a", "%2e%2e", "\\..", "etc"]), st.text(max_size=8))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.lists(PARTS, min_size=1, max_size=5).map("/".join))
def test_no_key_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    outside = tmp_path_factory.mktemp("outside")
    storage = Storage(f"file://{outside / 'inside'}")
    if is_key(key):
        storage.put(key, b"x")
        assert storage.get(key) == b"x"
    else:
        with pytest.raises(ValueError, match="not a key"):
            storage.put(key, b"x")
    assert [path.name for path in outside.iterdir()] == ["inside"]
