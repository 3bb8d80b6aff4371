"""Dutch sentences: where they end, and how many words they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.authoring.formats.readability import Passage, count_words, list_sentences, report


def split(text: str) -> list[str]:
    return [sentence.text for sentence in list_sentences([Passage(1, text)])]


@pytest.mark.parametrize(
    "text",
    [
        "Neem bv. Word of Excel.",
        "Dat is gemakkelijk, d.w.z. Samira kan het ook.",
        "Bel nr. 3 op de lijst.",
        "Het kost 1.000 euro of € 742.000,00 per jaar.",
        "We starten om 13.30 uur.",
        "Vraag het aan dr. Peeters of mevr. Wójcik.",
        "Vraag het aan J. M. Peeters.",
        "“Kom je mee?” vraagt ze.",
        "Hij zei… niets.",
        "Dat is “goed.” volgens haar.",
        "Kijk op www.leerlabo.be of mail naar an@leerlabo.be.",
        "1. Open de app.",
        "Ze noemt gsm, tablet enz. als voorbeeld.",
        "Volgens art. 5 en blz. 12 mag het.",
        "Zie vgl. hfst. 3 en afb. 2.",
        "De e-mail van o.a. Tom, i.p.v. de brief.",
        "Zonder punt aan het einde",
    ],
)
def test_one_sentence_stays_one(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Kijk. Luister! Vraag je iets? Wacht…", ["Kijk.", "Luister!", "Vraag je iets?", "Wacht…"]),
        ("“Toon eens.” Dan wacht je.", ["“Toon eens.”", "Dan wacht je."]),
        ("Zeg dan: “Toon eens wat je deed.”", ["Zeg dan:", "“Toon eens wat je deed.”"]),
        ("Kijk eerst: dat helpt.", ["Kijk eerst: dat helpt."]),
        ("Ze heeft gsm, tablet, enz. Daarna belt ze.", ["Ze heeft gsm, tablet, enz.", "Daarna belt ze."]),
        ("Dat is stap 3. 4 mensen volgen.", ["Dat is stap 3.", "4 mensen volgen."]),
        ("Kies optie B. Klik dan.", ["Kies optie B.", "Klik dan."]),
        ("Ze komt om 13.30. ’s Avonds niet.", ["Ze komt om 13.30.", "’s Avonds niet."]),
        ("Hij stopt... Dan gaat hij door.", ["Hij stopt...", "Dan gaat hij door."]),
        ("Weet je het? – Nee.", ["Weet je het?", "– Nee."]),
        ("Klaar!) Volgende.", ["Klaar!)", "Volgende."]),
    ],
)
def test_sentences_are_told_apart(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bel Card Stop op 078 170 170.", 5),
        ("De arts en/of verpleegkundige leest de e-mail.", 7),
        ("Ja – nee & misschien …", 3),
        ("Het kost € 742.000,00.", 3),
        ("", 0),
    ],
)
def test_words_are_counted_as_a_reader_meets_them(text: str, words: int) -> None:
    assert count_words(text) == words


def test_a_sentence_knows_the_line_it_begins_on() -> None:
    found = list_sentences([Passage(10, "Een zin die\ndoorloopt. Een\ntweede.\nDe derde."), Passage(20, "Los")])
    assert [(sentence.line, sentence.words) for sentence in found] == [(10, 4), (11, 2), (13, 2), (20, 1)]


def test_a_report_sums_up_a_page() -> None:
    found = report(
        "m.md", "p", "Titel", list_sentences([Passage(1, "Kort. Dit is de langste zin van hier. Ook kort.")])
    )
    assert (found.sentences, found.words, found.average) == (3, 10, 3.3)
    assert (found.longest, found.longest_words) == ("Dit is de langste zin van hier.", 7)
    assert report("m.md", "p", "Titel", []).average == 0


@given(st.text(max_size=200))
def test_no_word_is_lost_and_every_line_lies_within(text: str) -> None:
    found = list_sentences([Passage(1, text)])
    assert " ".join(sentence.text for sentence in found).split() == [
        word for sentence in found for word in sentence.text.split()
    ]
    assert all(1 <= sentence.line <= text.count("\n") + 1 for sentence in found)
    letters = [sign for sign in text if sign.isalnum()]
    assert [sign for sentence in found for sign in sentence.text if sign.isalnum()] == letters
