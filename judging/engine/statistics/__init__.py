"""Statistics of agreement and trust: plain functions over counts, without dependencies.

Every function answers with a ``Result``: an ``Estimate``, or a ``Silence`` that says why there is no number. A table of one class, or one
without pairs, is never 0 or 1.
"""
