"""Embeddings, kept for the next time."""

from collections.abc import Mapping

from synthesis.engine.chat.embeddings import Vector, packed
from synthesis.models import ModelEndpoint, TextVector


def vectors_keep(*, endpoint: ModelEndpoint, vectors: Mapping[str, Vector]) -> None:
    """Remember vectors by the digests of their texts; those that are known stay as they are."""
    TextVector.objects.bulk_create(
        [TextVector(endpoint=endpoint, model=endpoint.model, digest=digest, vector=packed(vector)) for digest, vector in vectors.items()],
        ignore_conflicts=True,
        batch_size=200,
    )
