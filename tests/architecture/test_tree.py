"""The project speaks of itself alone: no machine's paths, no registry's names, no promises, nothing tampered with."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import HOUSE, name_of, written_files

pytestmark = pytest.mark.strings

MACHINE_PATH = re.compile(r"(?<![\w.*-])/(?:home|root|work|tmp|Users)/\w")
# Names and endings apart, so that this file names no host either.
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|unpkg|jsdelivr)\.(?:org|com|net)\b")
PROMISE = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
FORBIDDEN = {"a machine's path": MACHINE_PATH, "a registry": REGISTRY, "a promise": PROMISE}
VENDOR_WORDS = {"manifest.toml"}  # the one file under vendor that is ours


def own_texts() -> Iterator[tuple[str, str]]:
    """The name and text of every file that we wrote."""
    for file in written_files():
        if file == Path(__file__) or ("vendor" in file.parts and file.name not in VENDOR_WORDS):
            continue
        try:
            yield name_of(file), file.read_text()
        except UnicodeDecodeError:
            continue


def findings(name: str, text: str) -> Iterator[str]:
    """What a file says that it should not, with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FORBIDDEN.items():
            if match := pattern.search(line):
                yield f"{name}:{number}: {what}: {match.group()}"


def vendored(manifest: Path) -> Iterator[str]:
    """Differences between a folder of others' files and its manifest, one sentence each."""
    folder = manifest.parent
    listed = {row["file"]: row["sha256"] for row in tomllib.loads(manifest.read_text())["file"]}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {manifest.name}
    yield from (f"{name} is not in the manifest" for name in sorted(present - listed.keys()))
    yield from (f"{name} is missing" for name in sorted(listed.keys() - present))
    for name in sorted(present & listed.keys()):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]:
            yield f"{name} was changed"


def vendor_folders() -> set[Path]:
    """The folders that hold what others made."""
    files = (file for file in written_files() if "vendor" in file.parts)
    return {Path(*file.parts[: file.parts.index("vendor") + 1]) for file in files}


def test_no_file_says_what_it_should_not() -> None:
    assert [finding for name, text in own_texts() for finding in findings(name, text)] == []


def test_what_others_made_is_as_they_made_it() -> None:
    folders = vendor_folders()
    assert folders
    assert [folder for folder in folders if not (folder / "manifest.toml").exists()] == []
    assert [sentence for folder in folders for sentence in vendored(folder / "manifest.toml")] == []


def test_the_lock_holds_names_versions_and_hashes_only() -> None:
    lines = HOUSE.joinpath("requirements.lock").read_text().splitlines()
    line = re.compile(r"[a-z0-9.-]+==[\w.!+]+ \\| {4}--hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert [text for text in lines if not line.fullmatch(text)] == []


@pytest.mark.parametrize(
    "line",
    ["cd {}home/ann", "see https://{}.org/project/x", "# TODO: mend", "open('{}tmp/x')"],
)
def test_a_word_out_of_place_is_noticed(line: str) -> None:
    # Each is put together here, so that this file itself says none of them.
    said = line.format("unpkg" if "https" in line else "/")
    assert list(findings("file", said))


def test_a_changed_missing_or_added_file_is_noticed(tmp_path: Path) -> None:
    for name in ("good.js", "changed.js", "added.js"):
        (tmp_path / name).write_text(name)
    rows = (
        f'[[file]]\nfile = "{name}"\nsha256 = "{hashlib.sha256(content.encode()).hexdigest()}"\n'
        for name, content in (("good.js", "good.js"), ("changed.js", "before"), ("gone.js", ""))
    )
    (tmp_path / "manifest.toml").write_text("".join(rows))
    assert list(vendored(tmp_path / "manifest.toml")) == [
        "added.js is not in the manifest",
        "gone.js is missing",
        "changed.js was changed",
    ]
