"""Included by the workers of a rig: their Mastodon sources may reach platforms on this machine."""

from tests.faults import nearby

nearby.open_up()
