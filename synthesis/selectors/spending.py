"""What language models may be asked, and what they took."""

from synthesis.models import ModelEndpoint


def endpoints_active() -> list[ModelEndpoint]:
    """Every endpoint that may be asked."""
    return list(ModelEndpoint.objects.filter(active=True))
