"""Language models behind OpenAI-compatible endpoints: the engine's ports ``ChatModel`` and ``Embedder`` on the ``openai`` package."""

from synthesis.adapters.model_client.client import ModelClient
from synthesis.adapters.model_client.embedding import EmbeddingClient
from synthesis.adapters.model_client.endpoint import Endpoint

__all__ = ["EmbeddingClient", "Endpoint", "ModelClient"]
