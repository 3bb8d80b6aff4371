"""The subjects courses are about, with the icon each carries. Fixed words, so that they can be translated."""

from __future__ import annotations

from lms.kernel.i18n import gettext as _

TOPICS = {
    "zorg": "house-heart",
    "digitaal": "smartphone",
    "communicatie": "message-circle",
    "veilig-werken": "shield-check",
    "leerbeleid": "book-open",
    "diversiteit": "users",
}


def topic_name(topic: str) -> str:
    """What people read for this topic, in their language; the bare word for one we do not know."""
    names = {
        "zorg": _("Zorgen"),
        "digitaal": _("Werken met gsm en computer"),
        "communicatie": _("Praten en luisteren"),
        "veilig-werken": _("Veilig en gezond werken"),
        "leerbeleid": _("Leren organiseren"),
        "diversiteit": _("Samen werken, samen verschillen"),
    }
    return names.get(topic, topic)
