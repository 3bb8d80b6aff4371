"""The blocks between `:::` lines that are shown as part of a page, in the look's own parts."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

# Names of the blocks that are no part of the running text: each becomes a block of its own.
VIDEO, REFLECTION, EXERCISE = "video", "reflectie", "oefening"
SPECIAL = (VIDEO, REFLECTION, EXERCISE)

LANGUAGES = ("nl", "en", "fr")


@dataclass(frozen=True, slots=True)
class Container:
    """One kind of block. `labels` are in the course's language, for they are part of its text."""

    classes: str
    icon: str
    labels: tuple[str, str, str]

    @property
    def is_speech(self) -> bool:
        return self.classes.startswith("say")

    def label(self, language: str) -> str:
        return self.labels[LANGUAGES.index(language)] if language in LANGUAGES else self.labels[0]


CONTAINERS = {
    "wel": Container("say say-yes", "check", ("Wel", "Do", "Oui")),
    "liever-niet": Container("say say-no", "x", ("Liever niet", "Better not", "Plutôt pas")),
    "waarom": Container("note", "lightbulb", ("Waarom?", "Why?", "Pourquoi ?")),
    "tip": Container("note note-tip", "lightbulb", ("Tip:", "Tip:", "Conseil :")),
    "let-op": Container("note note-bad", "triangle-alert", ("Let op:", "Take care:", "Attention :")),
    "voorbeeld": Container("note", "message-circle", ("Voorbeeld:", "Example:", "Exemple :")),
}


def opening(container: Container, language: str) -> str:
    """The HTML before a block's content. The player replaces `icons.svg` by the address of its sprite."""
    icon = f'<svg class="i" aria-hidden="true"><use href="icons.svg#{container.icon}"></use></svg>'
    label = f"<b>{escape(container.label(language))}</b>" if container.is_speech else ""
    return f'<div class="{container.classes}">{icon}<div>{label}'


CLOSING = "</div></div>\n"
