"""Guards in front of views. A view without one is open to everybody, and the route walk in the tests says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from lms.kernel.errors import NotSignedIn
from lms.kernel.identity import Permission
from lms.kernel.web.flow import current_identity

P = ParamSpec("P")
R = TypeVar("R")


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Only for somebody who signed in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not current_identity().is_signed_in:
            raise NotSignedIn
        return view(*args, **kwargs)

    return guarded


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only for somebody who has this permission somewhere. Where exactly is asked again once the thing is loaded."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            current_identity().require(permission)
            return view(*args, **kwargs)

        return guarded

    return guard
