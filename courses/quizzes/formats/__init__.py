"""Quiz questions: read from GIFT, kept as JSON, judged, and told to the record in the words of xAPI.

Pure: bytes and form values in, frozen values out. Everything a caller needs is named here.
"""

from courses.quizzes.formats.gift import GiftReading, GiftText, Remark, Severity, read_gift
from courses.quizzes.formats.interactions import interaction, response_text
from courses.quizzes.formats.judging import Verdict, judge, right_answer
from courses.quizzes.formats.markup import plain_text
from courses.quizzes.formats.questions import (
    Answer,
    Question,
    QuestionKind,
    choices,
    question_from_json,
    question_to_json,
    targets,
)

__all__ = [
    "Answer",
    "GiftReading",
    "GiftText",
    "Question",
    "QuestionKind",
    "Remark",
    "Severity",
    "Verdict",
    "choices",
    "interaction",
    "judge",
    "plain_text",
    "question_from_json",
    "question_to_json",
    "read_gift",
    "response_text",
    "right_answer",
    "targets",
]
