import pytest
from pydantic import ValidationError

from stillroom.monitoring.settings import MonitorConfig


def test_every_setting_has_a_default_and_a_description():
    assert all(field.description for field in MonitorConfig.model_fields.values())
    assert MonitorConfig().window_days == (7,)


@pytest.mark.parametrize("wrong", [{"psi": 0}, {"window_days": []}, {"window_days": [0]}, {"treshold": 1}])
def test_a_wrong_setting_is_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        MonitorConfig(**wrong)
