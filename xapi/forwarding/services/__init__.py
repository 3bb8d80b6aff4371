"""Name targets, send them what they are to have, and put aside what they will not take."""

from xapi.forwarding.services.running import forward
from xapi.forwarding.services.targets import (
    KIND,
    Terms,
    change_target,
    create_target,
    drop_letter,
    forget_answers,
    send_again,
    send_all_again,
    switch_target,
    wake,
)

__all__ = [
    "KIND",
    "Terms",
    "change_target",
    "create_target",
    "drop_letter",
    "forget_answers",
    "forward",
    "send_again",
    "send_all_again",
    "switch_target",
    "wake",
]
