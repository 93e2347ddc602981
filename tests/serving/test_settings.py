import pytest

from stillroom.runtime.session import Tuning
from stillroom.serving.settings import ServiceConfig, SettingsError


def test_variables_override_the_defaults() -> None:
    environment = {
        "STILLROOM_SERVING_MAX_ROWS": "7",
        "STILLROOM_SERVING_PROFILE_DIR": "/profiles",
        "STILLROOM_SERVING_TRACE": "true",
        "STILLROOM_SERVING_PROVIDERS": "CUDAExecutionProvider, CPUExecutionProvider",
        "PATH": "/bin",
    }

    config = ServiceConfig.from_environment(environment)

    assert (config.max_rows, config.profile_dir, config.trace) == (7, "/profiles", True)
    assert config.providers == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert config.max_body_bytes == ServiceConfig().max_body_bytes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STILLROOM_SERVING_MAX_ROW", "7"),
        ("STILLROOM_SERVING_MAX_ROWS", "0"),
        ("STILLROOM_SERVING_THREADS", "many"),
        ("STILLROOM_SERVING_GRAPH_OPTIMIZATION", "most"),
        ("STILLROOM_SERVING_GC_FREEZE", "perhaps"),
        ("STILLROOM_SERVING_PROVIDERS", "cuda"),
        ("STILLROOM_SERVING_PROVIDERS", ""),
        ("STILLROOM_SERVING_PROFILE_DIR", "profiles"),
        ("STILLROOM_SERVING_PUBLIC_KEY", "public.pem"),
        ("STILLROOM_SERVING_STATE_DIR", "state"),
        ("STILLROOM_SERVING_CANARY_SHARE", "0.1"),
        ("STILLROOM_SERVING_CANARY_SHARE", "1.5"),
        ("STILLROOM_SERVING_PROFILE_IDS_KEY", "short"),
        ("STILLROOM_SERVING_ADMIN_TOKEN", ""),
        ("STILLROOM_SERVING_ADMIN_TOKEN", "short"),
    ],
)
def test_an_unknown_or_wrong_variable_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: .*the settings are STILLROOM_SERVING_MAX_BODY_BYTES, "):
        ServiceConfig.from_environment({name: text})


def test_identifiers_are_kept_by_a_key_only() -> None:
    told = "^STILLROOM_SERVING_PROFILE_IDS_KEY: .*identifiers are kept as hashes, which need a key of 16 signs or more"
    with pytest.raises(SettingsError, match=told):
        ServiceConfig.from_environment({"STILLROOM_SERVING_PROFILE_IDS_SHARE": "0.1"})
    assert ServiceConfig.from_environment({"STILLROOM_SERVING_PROFILE_IDS_SHARE": "0"}).profile_ids_key is None


def test_session_options_are_declared() -> None:
    environment = {
        "STILLROOM_SERVING_GRAPH_OPTIMIZATION": "basic",
        "STILLROOM_SERVING_MEMORY_ARENA": "false",
        "STILLROOM_SERVING_SPINNING": "no",
        "STILLROOM_SERVING_GC_FREEZE": "off",
    }

    config = ServiceConfig.from_environment(environment)

    assert config.tuning == Tuning("basic", memory_arena=False, memory_pattern=True, spinning=False)
    assert ServiceConfig().tuning == Tuning()
    assert (config.gc_freeze, ServiceConfig().gc_freeze) == (False, True)


def test_versions_are_listed_and_a_canary_has_a_share() -> None:
    environment = {
        "STILLROOM_SERVING_VERSIONS": "v2, v3",
        "STILLROOM_SERVING_CANARY": "v2",
        "STILLROOM_SERVING_CANARY_SHARE": "0.1",
    }

    config = ServiceConfig.from_environment(environment)

    assert (config.versions, config.canary, config.canary_share) == (("v2", "v3"), "v2", 0.1)
    with pytest.raises(SettingsError, match=r"^STILLROOM_SERVING_CANARY_SHARE: .*must be named together"):
        ServiceConfig.from_environment({"STILLROOM_SERVING_CANARY": "v2"})


def test_the_admin_token_is_not_told() -> None:
    token = "a token that nobody guesses"

    assert token not in repr(ServiceConfig.from_environment({"STILLROOM_SERVING_ADMIN_TOKEN": token}))
    with pytest.raises(SettingsError) as wrong:
        ServiceConfig.from_environment({"STILLROOM_SERVING_ADMIN_TOKEN": "too short"})
    assert "too short" not in f"{wrong.value} {wrong.value.__cause__}"
