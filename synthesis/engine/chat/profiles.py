"""What works where: endpoints that speak chat completions differ in what they take and give. One row a provider.

Sources: the providers' own pages on chat completions and on OpenAI compatibility (OpenAI; Anthropic, "OpenAI SDK compatibility"; Moonshot;
vLLM, "OpenAI-compatible server"; Ollama, "OpenAI compatibility").
"""

from typing import Literal

import msgspec

SchemaMode = Literal["json_schema", "json_object", "none"]


class Profile(msgspec.Struct, frozen=True):
    """How to ask one kind of endpoint, and what to expect of its answers.

    ``schema`` is the strongest way in which an answer can be bound to a form; ``temperature`` the allowed range; ``limit`` the name of
    the parameter that bounds the answer; ``finish`` the finish reasons of a whole answer besides the usual ones; ``null_finish`` whether
    a whole answer may come without one; ``parallel`` whether ``parallel_tool_calls`` is understood; ``stream_usage`` whether a stream
    can be asked to count its tokens; ``reasoning`` the fields in which thinking comes apart from the text; ``told`` whether headers tell it
    which episode a call is about and whom it plays there. That is for the fake provider alone, and no business of anybody else.
    """

    name: str
    label: str
    schema: SchemaMode = "json_object"
    temperature: tuple[float, float] = (0.0, 2.0)
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    finish: frozenset[str] = frozenset()
    null_finish: bool = False
    parallel: bool = True
    stream_usage: bool = True
    reasoning: tuple[str, ...] = ("reasoning_content", "reasoning")
    told: bool = False


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("openai", "OpenAI", schema="json_schema", limit="max_completion_tokens"),
        # response_format is ignored there, and temperatures above 1 are.
        Profile("anthropic", "Anthropic", schema="none", temperature=(0.0, 1.0)),
        Profile("moonshot", "Moonshot (Kimi)", temperature=(0.0, 1.0), parallel=False),
        Profile("vllm", "vLLM", schema="json_schema"),
        Profile("ollama", "Ollama", schema="json_schema", parallel=False, null_finish=True),
        Profile("fake", "Fake provider", schema="json_schema", told=True),
        Profile("other", "Other", schema="none", parallel=False, stream_usage=False),
    )
}
