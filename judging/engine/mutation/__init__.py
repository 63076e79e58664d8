"""Mutation: passing trajectories damaged in known ways, to see which damage a judge finds.

The ways are the slips of ``participants.cast.SLIPS``. A scripted episode is played again with the slip forced; any other trajectory is cut
open, changed, and made to run again in its world, so that every result in it is real.
"""
