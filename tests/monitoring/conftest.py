import datetime as dt

import pytest

from stillroom.monitoring.settings import MonitorConfig

from .days import days_of, whole


@pytest.fixture(scope="session")
def reference_days():
    return days_of(dt.date(2013, 10, 1), [{}] * 40, seed=0)


@pytest.fixture(scope="session")
def reference(reference_days):
    return whole(reference_days)


@pytest.fixture
def config():
    return MonitorConfig()
