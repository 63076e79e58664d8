"""Reports of errors, on Django's own pages and in mails: where it went wrong, never with what values.

Django hides what it knows to be secret, and only without DEBUG; whoever debugs a studio of their own has keys of models in it.
"""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class WithoutValues(SafeExceptionReporterFilter):
    """Names of variables and fields stay, values become their types."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The fields that were sent."""
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request is not None else {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """The variables of a frame."""
        return {name: TypeOnly(value) for name, value in tb_frame.f_locals.items()}.items()


class TypeOnly:
    """Stands for a value, and shows its type."""

    def __init__(self, value: object) -> None:
        self.name = type(value).__name__

    def __repr__(self) -> str:
        return f"<{self.name}>"
