"""Kedro project settings: https://docs.kedro.org/en/stable/configure/configuration_basics/."""

from omegaconf.resolvers import oc

from stillroom.config import GroupConfigLoader
from stillroom.context import DeclaredContext
from stillroom.hooks import IntegrityHook, PlainErrorHook, SparkHook, SummaryHook
from stillroom.resource_hook import ResourceHook
from stillroom.run_hook import RunHook

# The last is called first: a run's summary is printed below its resources.
HOOKS = (PlainErrorHook(), IntegrityHook(), SparkHook(), SummaryHook(), ResourceHook(), RunHook())
CONTEXT_CLASS = DeclaredContext
CONFIG_LOADER_CLASS = GroupConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft"},
    "config_patterns": {"spark": ["spark*"]},
    "custom_resolvers": {"oc.env": oc.env},
}
