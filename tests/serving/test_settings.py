from pathlib import Path

import pytest

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

    assert (config.max_rows, config.profile_dir, config.trace) == (7, Path("/profiles"), True)
    assert config.providers == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert config.max_body_bytes == ServiceConfig().max_body_bytes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STILLROOM_SERVING_MAX_ROW", "7"),
        ("STILLROOM_SERVING_MAX_ROWS", "0"),
        ("STILLROOM_SERVING_THREADS", "many"),
        ("STILLROOM_SERVING_PROVIDERS", "cuda"),
        ("STILLROOM_SERVING_PROVIDERS", ""),
        ("STILLROOM_SERVING_PROFILE_DIR", "profiles"),
        ("STILLROOM_SERVING_PUBLIC_KEY", "public.pem"),
    ],
)
def test_an_unknown_or_wrong_variable_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: .*the settings are STILLROOM_SERVING_MAX_BODY_BYTES, "):
        ServiceConfig.from_environment({name: text})
