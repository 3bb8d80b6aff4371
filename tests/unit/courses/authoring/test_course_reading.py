"""Reading a course: a whole one gives its outline; every mistake gives a finding at its line."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.authoring.formats import CourseReading, Severity, new_course, read_course
from courses.catalogue.formats import BlockKind, Outline, StepKind, outline_from_json, outline_to_json
from courses.quizzes.formats import judge, question_from_json
from lms.kernel.errors import Refused

Files = dict[str, bytes]


def outline_of(files: Files) -> Outline:
    reading = read_course(files)
    assert reading.findings == ()
    assert reading.outline is not None
    return reading.outline


def changed(files: Files, file: str, old: str, new: str) -> Files:
    text = files[file].decode()
    assert text.count(old) >= 1, old
    return files | {file: text.replace(old, new, 1).encode()}


def found(reading: CourseReading) -> list[tuple[str, int, str]]:
    return [(finding.file, finding.line, finding.code) for finding in reading.findings]


# ---- what comes out --------------------------------------------------------------------------------------------------


def test_a_whole_course_gives_its_outline(course: Files) -> None:
    outline = outline_of(course)
    assert (outline.id, outline.title, outline.language, outline.areas) == ("proef", "Proef op de som", "nl", ("all",))
    assert [step.kind for step in outline.steps] == [*StepKind, StepKind.MODULE]
    assert [step.complete_when for step in outline.steps] == [
        "pages-seen",
        "passed",
        "attended",
        "handed-in",
        "pages-seen",
        "pages-seen",
    ]
    assert (outline.certificate, outline.certificate_requires) == ("Deelnameattest", ())
    follow_up = outline.step("terugblik")
    assert follow_up is not None
    assert (follow_up.after, follow_up.release_days) == ("samen", 14)
    assert outline_from_json(outline_to_json(outline)) == outline


def test_questions_in_the_outline_can_be_answered(course: Files) -> None:
    outline = outline_of(course)
    quiz, welcome = outline.step("toets"), outline.step("welkom")
    assert quiz is not None
    assert welcome is not None
    assert [question["id"] for question in quiz.questions] == ["korte-zinnen", "goede-woorden"]
    exercise = welcome.pages[1].blocks[1]
    assert (exercise.kind, exercise.id) == (BlockKind.EXERCISE, "even-oefenen")
    assert exercise.question is not None
    assert exercise.question["id"] == "even-oefenen"
    assert judge(question_from_json(exercise.question), ["a"]).correct


def test_a_page_is_cut_into_blocks_in_reading_order(course: Files) -> None:
    film = outline_of(course).step("film")
    assert film is not None
    (page,) = film.pages
    assert (page.id, page.title) == ("kijk-eerst", "Kijk eerst")
    assert [block.kind for block in page.blocks] == [BlockKind.HTML, BlockKind.VIDEO, BlockKind.HTML]
    video = page.blocks[1]
    assert (video.src, video.captions, video.poster) == ("media/kijk.webm", "media/kijk.vtt", "media/poster.svg")
    assert video.title == "Zo gaat het"
    assert video.transcript == "<p>Samira komt binnen en groet Robert.</p>\n<p>Daarna gaan ze zitten.</p>"


def test_the_html_is_that_of_the_look(course: Files) -> None:
    film = outline_of(course).step("film")
    assert film is not None
    first, _video, last = film.pages[0].blocks
    assert first.html == (
        '<p>Lees <strong>dit</strong> eerst, en bel <a href="tel:078170170" rel="noopener noreferrer">de helpdesk</a>.'
        '</p>\n<p><img src="media/schema.png" alt="Een schema van\ndrie stappen." loading="lazy" width="640" '
        'height="480"></p>'
    )
    icon = '<svg class="i" aria-hidden="true"><use href="icons.svg#{}"></use></svg>'
    assert '<div class="sheet"><table>\n<thead>\n<tr>\n<th scope="col">Dit wel</th>' in last.html
    assert "style" not in last.html
    assert f'<div class="note note-tip">{icon.format("lightbulb")}<div><p><b>Tip:</b></p>\n<ul>' in last.html
    assert (
        f'<div class="note note-bad">{icon.format("triangle-alert")}<div><p><b>Let op:</b> Geef nooit je code.</p>'
        in last.html
    )
    welcome = outline_of(course).steps[0].pages[0].blocks[0].html
    assert f'<div class="say say-yes">{icon.format("check")}<div><b>Wel</b><p>“Ik toon het meteen.”</p>' in welcome


def test_labels_are_in_the_language_of_the_course(course: Files) -> None:
    french = outline_of(changed(course, "course.yml", "language: nl", "language: fr"))
    assert "<b>Conseil :</b>" in french.steps[5].pages[0].blocks[2].html


def test_media_to_publish_are_those_the_outline_names(course: Files) -> None:
    assert read_course(course).media == (
        "media/kijk.vtt",
        "media/kijk.webm",
        "media/poster.svg",
        "media/route.svg",
        "media/schema.png",
    )


def test_every_page_has_a_readability_report(course: Files) -> None:
    reports = {(report.file, report.page): report for report in read_course(course).readability}
    page = reports["modules/welkom.md", "waarover"]
    assert (page.title, page.sentences, page.words, page.longest_words) == ("Waarover gaat het?", 7, 32, 6)
    assert ("quizzes/toets.gift", "") in reports
    assert ("course.yml", "") in reports


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(course: Files) -> None:
    windows = {
        path: data if path.endswith((".png", ".webm")) else b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
        for path, data in course.items()
    }
    assert outline_to_json(outline_of(windows)) == outline_to_json(outline_of(course))


# ---- what is found ---------------------------------------------------------------------------------------------------

LONG = " ".join(["woord"] * 16)

MISTAKES = [
    ("course.yml", "format: blended/1", "format: blended/2", 1, "value"),
    ("course.yml", "id: proef", "id: Proef!", 2, "slug"),
    ("course.yml", "summary:", "samenvatting:", 4, "key-unknown"),
    ("course.yml", "language: nl", "language: de", 5, "value"),
    ("course.yml", "areas: all", "areas: [Gezins zorg]", 6, "area-unknown"),
    ("course.yml", "topic: zorg", "topic: zorgen", 7, "value"),
    ("course.yml", "intersectoral: no", "intersectoral: maybe", 8, "value"),
    ("course.yml", 'online_hours: "1"', "online_hours: één", 9, "value"),
    ("course.yml", "cost: Gratis.", f"cost: {LONG}.", 11, "sentence-long"),
    ("course.yml", "  requires: all", "  requires: [niets]", 15, "requires-unknown"),
    ("course.yml", "    kind: module", "    kind: les", 18, "value"),
    ("course.yml", "file: modules/welkom.md", "file: modules/weg.md", 19, "file-missing"),
    ("course.yml", 'minutes: "5"', "minutes: vijf", 24, "value"),
    ("course.yml", 'pass_mark: "70"', "pass_mark: 170", 25, "value"),
    ("course.yml", "attempts: unlimited", "attempts: veel", 26, "value"),
    ("course.yml", "requires: [welkom]", "requires: [welkom, weg]", 27, "requires-unknown"),
    ("course.yml", "requires: [welkom]", "requires: [toets]", 27, "requires-circle"),
    ("course.yml", "id: samen", "id: welkom", 28, "id-twice"),
    ("course.yml", "requires: [samen]", "complete_when: passed", 34, "value"),
    ("course.yml", "after: samen", "after: toets", 38, "after-unknown"),
    ("course.yml", 'release_days: "14"', "wait: 14", 39, "key-unknown"),
    ("course.yml", "title: Deelnameattest", "id: x\n  id: y", 15, "yaml"),
    ("modules/welkom.md", "title: Welkom", "titel: Welkom", 2, "key-unknown"),
    ("modules/welkom.md", 'minutes: "10"', "minutes: kort", 3, "value"),
    ("modules/welkom.md", "---\n", "", 1, "front-matter"),
    ("modules/welkom.md", " {#waarover}", "", 6, "page-id"),
    ("modules/welkom.md", "{#wat-denk-jij}", "{#waarover}", 24, "id-twice"),
    ("modules/welkom.md", "# Waarover", "Vooraf.\n\n# Waarover", 6, "page-missing"),
    ("modules/welkom.md", "Een weg met drie haltes.", "", 8, "image-alt"),
    ("modules/welkom.md", "media/route.svg", "media/weg.svg", 8, "media-missing"),
    ("modules/welkom.md", "media/route.svg", "https://x.be/route.svg", 8, "media-path"),
    ("modules/welkom.md", "media/route.svg", "media/kijk.vtt", 8, "media-kind"),
    ("modules/welkom.md", "Schrijf hier", "Eerst dit.\nSchrijf <b>hier</b>", 11, "html"),
    ("modules/welkom.md", "Schrijf hier", "<div>\nSchrijf</div>", 10, "html"),
    ("modules/welkom.md", "Schrijf hier", "[Schrijf](welkom.md) hier", 10, "link"),
    ("modules/welkom.md", "Schrijf hier", f"Kort.\nEen {LONG} hier", 11, "sentence-long"),
    ("modules/welkom.md", "::: liever-niet", "::: liever", 12, "container"),
    ("modules/welkom.md", "::: liever-niet", "::: liever-niet echt", 12, "container"),
    ("modules/welkom.md", "::: liever-niet", "::: wel\n::: reflectie x", 13, "container"),
    ("modules/welkom.md", "Wie het ziet, onthoudt het beter.\n:::", "Wie het ziet.", 20, "container"),
    ("modules/welkom.md", "Wie het ziet, ", "> # Grote titel\n\nWie het ziet, ", 21, "heading"),
    ("modules/welkom.md", "reflectie mijn-idee", "reflectie", 26, "block-id"),
    ("modules/welkom.md", "Wat wil jij hier leren?\n", "", 26, "reflection"),
    ("modules/welkom.md", "oefening even-oefenen", "oefening mijn-idee", 30, "id-twice"),
    ("modules/welkom.md", "~Moeilijke woorden", "~", 33, "gift-answer-empty"),
    ("modules/welkom.md", "Hoogstens 15 woorden", LONG, 32, "sentence-long"),
    ("modules/film.md", " captions=media/kijk.vtt", "", 13, "video-captions"),
    ("modules/film.md", " transcript=media/kijk.md", "", 13, "video-transcript"),
    ("modules/film.md", "poster=", "foto=", 13, "video-option"),
    ("modules/film.md", "media/kijk.webm", "media/poster.svg", 13, "media-kind"),
    ("modules/film.md", "Zo gaat het\n", "", 13, "video-title"),
    ("modules/film.md", "drie stappen", LONG, 10, "sentence-long"),
    ("modules/terugblik.md", "# Hoe ging het? {#hoe-ging-het}", "", 1, "page-missing"),
    ("quizzes/toets.gift", "::goede-woorden::", "::korte-zinnen::", 6, "gift-title-twice"),
    ("quizzes/toets.gift", "::goede-woorden::\n", "", 6, "gift-title"),
    ("quizzes/toets.gift", "Woorden van het werk", LONG, 9, "sentence-long"),
    ("quizzes/toets.gift", "Kies er twee.", "![](media/route.svg)", 7, "image-alt"),
    ("sessions/samen.md", "mode: classroom", "mode: buiten", 3, "value"),
    ("sessions/samen.md", 'contact_hours: "3"', "contact_hours: drie", 4, "value"),
    ("sessions/samen.md", "bring: Iets", f"bring: {LONG}", 6, "sentence-long"),
    ("sessions/samen.md", "Je maakt kennis", LONG, 11, "sentence-long"),
    ("assignments/praktijk.md", "hand_in: text", "hand_in: brief", 4, "value"),
    ("assignments/praktijk.md", "Doe het één keer op je werk.", f"{LONG}.", 7, "sentence-long"),
    ("media/route.svg", '  <circle cx="40"', '  <script/>\n  <circle cx="40"', 3, "svg-unsafe"),
    ("media/kijk.vtt", "Samira komt binnen", LONG, 7, "sentence-long"),
    ("media/kijk.vtt", "00:02.000 --> 00:04.500", "00:02 --> 00:04", 10, "captions"),
    ("media/kijk.md", "Daarna gaan ze zitten", LONG, 3, "sentence-long"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "code"), MISTAKES)
def test_a_mistake_is_found_at_its_line(course: Files, file: str, old: str, new: str, line: int, code: str) -> None:
    reading = read_course(changed(course, file, old, new))
    assert (file, line, code) in found(reading)
    blocking = [finding for finding in reading.errors if not finding.is_excusable]
    assert (reading.outline is None) == bool(blocking)


def test_sentences_pictures_and_films_may_be_excused(course: Files) -> None:
    reading = read_course(changed(course, "modules/welkom.md", "Schrijf hier", LONG))
    assert [finding.code for finding in reading.errors] == ["sentence-long"]
    assert reading.blocking == ()
    assert reading.outline is not None


def test_steps_may_not_wait_on_each_other_in_a_circle(course: Files) -> None:
    reading = read_course(
        changed(course, "course.yml", "file: sessions/samen.md", "file: sessions/samen.md\n    requires: [praktijk]")
    )
    assert [(line, code) for _file, line, code in found(reading)] == [(31, "requires-circle"), (35, "requires-circle")]


def test_a_missing_or_large_or_unused_file_is_found(course: Files) -> None:
    assert found(read_course({})) == [("course.yml", 1, "manifest-missing")]
    reading = read_course(course | {"media/groot.png": b"\x89PNG" * 1_000_000, "notities.txt": b"x"})
    assert found(reading) == [
        ("media/groot.png", 1, "media-size"),
        ("media/groot.png", 1, "unused"),
        ("notities.txt", 1, "unused"),
    ]
    assert [finding.severity for finding in reading.findings] == [Severity.ERROR, Severity.WARNING, Severity.WARNING]


@pytest.mark.parametrize(
    "end", ["::: wel", "::: wel\n", "::: wel\nTekst", "::: wel\n   ", "- ::: wel\n  Tekst\n\n", "::: reflectie x\nWat?"]
)
def test_a_block_without_its_last_line_is_found(course: Files, end: str) -> None:
    opened = course | {"modules/terugblik.md": course["modules/terugblik.md"] + b"\nNog iets.\n\n" + end.encode()}
    assert ("modules/terugblik.md", 16, "container") in found(read_course(opened))


def test_blocks_close_also_within_a_list_or_a_longer_block(course: Files) -> None:
    more = "\n- Eerst dit.\n\n  ::: tip\n  Rustig.\n  :::\n\n:::: voorbeeld\nZo.\n\n::: wel\nJa.\n:::\n::::\n"
    outline_of(course | {"modules/terugblik.md": course["modules/terugblik.md"] + more.encode()})


def test_a_text_without_end_is_refused_unread(course: Files) -> None:
    reading = read_course(course | {"quizzes/toets.gift": b"::q::Wat?{" + b"=" * 250_000})
    assert found(reading) == [("quizzes/toets.gift", 1, "quiz-empty"), ("quizzes/toets.gift", 1, "text-size")]


def test_a_picture_that_is_none_and_text_that_is_no_utf8_are_found(course: Files) -> None:
    broken = course | {
        "media/schema.png": b"GIF89a",
        "media/kijk.webm": b"mp4",
        "sessions/samen.md": b"---\ntitle: \xe9\n---\n",
    }
    codes = found(read_course(broken))
    assert ("media/schema.png", 1, "media-kind") in codes
    assert ("media/kijk.webm", 1, "media-kind") in codes
    assert ("sessions/samen.md", 2, "encoding") in codes


def test_the_folder_and_the_areas_can_be_checked_too(course: Files) -> None:
    assert found(read_course(course, folder_name="anders")) == [("course.yml", 2, "id-folder")]
    local = changed(course, "course.yml", "areas: all", "areas: [gezinszorg, onderwijs]")
    assert found(read_course(local, known_areas={"gezinszorg"})) == [("course.yml", 6, "area-unknown")]
    assert outline_of(local).areas == ("gezinszorg", "onderwijs")


def test_each_text_for_learners_ends_up_safe(course: Files) -> None:
    sly = changed(course, "modules/welkom.md", "Een weg met", 'Een" onerror="x()" <b>weg</b> met')
    reading = read_course(sly)
    assert [finding.code for finding in reading.errors] == []
    assert reading.outline is not None
    assert 'alt="Een&quot; onerror=&quot;x()&quot; &lt;b&gt;weg' in reading.outline.steps[0].pages[0].blocks[0].html


# ---- a new course ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Zorg: wat nu?", '"Rustig" & snel', "{title}", "- a #b", "’s Morgens"])
def test_a_new_course_passes_its_own_check(title: str) -> None:
    reading = read_course(new_course("mijn-cursus", title), folder_name="mijn-cursus")
    assert reading.findings == ()
    assert reading.outline is not None
    assert reading.outline.title == title


def test_a_new_course_needs_a_good_name() -> None:
    for course_id, title in (("Mijn Cursus", "x"), ("", "x"), ("a" * 61, "x"), ("ok", " ")):
        with pytest.raises(Refused):
            new_course(course_id, title)


# ---- whatever the text -----------------------------------------------------------------------------------------------

SIGNS = st.text(alphabet=st.sampled_from("\n\n :#-*_[](){}<>|`~=!&%$'\"\\aé1\t\0\u2028\ud7ff"), max_size=12)
PIECES = st.one_of(
    SIGNS,
    st.text(max_size=8),
    st.sampled_from(
        [
            "\n---\n",
            "\n::: wel\n",
            "\n:::\n",
            "\n::: video a b=c\n",
            "\n::: oefening x\n",
            "\n# T {#t}\n",
            "![](x)",
            "- id: x\n",
        ]
    ),
)


def assert_sound(files: Files) -> None:
    reading = read_course(files)
    assert reading.outline is not None or reading.blocking
    for finding in reading.findings:
        data = files.get(finding.file, b"")
        assert 1 <= finding.line <= data.count(b"\n") + data.count(b"\r") + 1
        assert finding.message
    assert list(reading.findings) == sorted(reading.findings)
    if reading.outline is not None:
        assert outline_from_json(outline_to_json(reading.outline)) == reading.outline
        assert set(reading.media) <= set(files)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_course_changed_at_random_gives_findings_or_an_outline(course: Files, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(course)))
    text = course[file]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    assert_sound(course | {file: text[:start] + data.draw(PIECES).encode() + text[end:]})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_course_with_lines_lost_or_doubled_gives_findings_or_an_outline(course: Files, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(course)))
    lines = course[file].split(b"\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    times = data.draw(st.sampled_from([0, 2]))
    assert_sound(course | {file: b"\n".join(lines[:at] + lines[at : at + 1] * times + lines[at + 1 :])})


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["course.yml", "modules/a.md", "media/a.svg", "x"]), st.binary(max_size=60)))
def test_any_files_give_findings_or_an_outline(files: Files) -> None:
    assert_sound(files)
