"""A fake provider: a real HTTP server that speaks chat completions and plays every role from the scenario it is asked about.

Its model is called ``fake``, and so all that was made with it says what it is. ``server`` carries, ``voices`` speak, ``library`` knows
the scenarios, ``command`` starts it by hand: ``./bin/studio fake-model``.
"""
