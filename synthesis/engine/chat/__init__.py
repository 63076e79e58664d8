"""Talking to language models: what is asked, what is an answer, when to try again. Plain; the wire is in ``adapters/model_client``."""
