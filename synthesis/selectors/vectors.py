"""Embeddings that are known already."""

from collections.abc import Mapping, Sequence

from synthesis.engine.chat.embeddings import Vector, unpacked
from synthesis.models import ModelEndpoint, TextVector

AT_ONCE = 500


def vectors_known(endpoint: ModelEndpoint, digests: Sequence[str]) -> Mapping[str, Vector]:
    """Of texts with these digests, by the model that the endpoint leads to now."""
    found: dict[str, Vector] = {}
    rows = TextVector.objects.filter(endpoint=endpoint, model=endpoint.model)
    for start in range(0, len(digests), AT_ONCE):
        part = rows.filter(digest__in=digests[start : start + AT_ONCE])
        found |= {digest: unpacked(bytes(vector)) for digest, vector in part.values_list("digest", "vector")}
    return found
