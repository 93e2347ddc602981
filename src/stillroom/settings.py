"""Kedro project settings: https://docs.kedro.org/en/stable/configure/configuration_basics/."""

from stillroom.config import GroupConfigLoader
from stillroom.hooks import DeclarationHook, PlainErrorHook, SummaryHook

HOOKS = (DeclarationHook(), PlainErrorHook(), SummaryHook())
CONFIG_LOADER_CLASS = GroupConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft"},
}
