"""Language models behind OpenAI-compatible endpoints: the engine's port ``ChatModel`` on the ``openai`` package."""

from synthesis.adapters.model_client.client import ModelClient
from synthesis.adapters.model_client.endpoint import Endpoint

__all__ = ["Endpoint", "ModelClient"]
