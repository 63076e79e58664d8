"""A fake provider: a real HTTP server that speaks chat completions. Its model is called ``fake``, and so its answers say what they are."""
