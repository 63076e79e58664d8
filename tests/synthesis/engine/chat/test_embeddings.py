"""What counts as embeddings."""

import math
from typing import Any

import msgspec
import pytest

from synthesis.engine.chat.answer import Answer
from synthesis.engine.chat.embeddings import embedding_body, packed, read_embeddings, unpacked
from synthesis.engine.chat.errors import ChatError, Garbled, NoAccess
from synthesis.engine.chat.model import ChatRequest


def answer(*vectors: Any, status: int = 200, **more: Any) -> Answer:
    data = [{"index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return Answer(status, {}, msgspec.json.encode({"data": data, "model": "e-1", "usage": {"prompt_tokens": 7}, **more}))


def asked(count: int) -> ChatRequest:
    return ChatRequest("embeddings", [{"content": "a text of some words"}] * count, max_tokens=0)


def test_vectors_come_in_order_and_have_the_length_one() -> None:
    swapped = [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 4]}]
    read = read_embeddings(answer(data=swapped), asked(2))
    assert read.vectors == [(0.6, 0.8), (0.0, 1.0)]
    assert (read.usage.model, read.usage.prompt_tokens) == ("e-1", 7)
    again = unpacked(packed(read.vectors[0]))
    assert math.dist(again, read.vectors[0]) < 1e-6


@pytest.mark.parametrize("usage", [None, {}, [7], "7", {"prompt_tokens": -7}])
def test_what_is_not_said_to_be_taken_is_counted_from_above(usage: Any) -> None:
    taken = read_embeddings(answer([1.0], usage=usage), asked(1)).usage
    assert taken.estimated and taken.prompt_tokens > 5


@pytest.mark.parametrize(
    "vectors", [[[1.0]], [[1.0], [1.0, 2.0]], [[0.0], [1.0]], [["x"], [1.0]], [[], []], [None, [1.0]], [[10**400], [1.0]]]
)
def test_what_is_none_is_refused(vectors: list[Any]) -> None:
    with pytest.raises(Garbled):
        read_embeddings(answer(*vectors), asked(2))


def test_errors_are_those_of_any_call() -> None:
    with pytest.raises(NoAccess):
        read_embeddings(answer(status=401), asked(1))
    with pytest.raises(ChatError):
        read_embeddings(Answer(200, {}, b"<html>"), asked(1))


def test_long_texts_are_cut_and_empty_ones_are_blank() -> None:
    assert embedding_body("e", ["", "a" * 10_000, "가" * 10_000])["input"] == [" ", "a" * 8_000, "가" * 2_666]
