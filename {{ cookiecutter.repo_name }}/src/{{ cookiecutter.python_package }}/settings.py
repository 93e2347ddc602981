"""Kedro's settings: those of Stillroom. What you assign below takes the place of one of them."""

from stillroom.settings import *  # noqa: F403
