"""What is not there, told as a problem rather than as a page."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.views import APIView


class Nothing(APIView):
    """Every address below ``/api/`` that is none."""

    schema = None
    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """404 for any method."""
        raise Http404
