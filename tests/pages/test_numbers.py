import pytest

from stillroom.pages import numbers


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (numbers.score, 0.70312, "0.7031"),
        (numbers.score, 58.261, "58.26"),
        (numbers.score, None, "–"),
        (numbers.change, 0.00123, "+0.0012"),
        (numbers.change, -0.00123, "−0.0012"),
        (numbers.change, -0.00001, "0.0000"),
        (numbers.size, 8.887, "8.89 kB"),
        (numbers.size, 12_345, "12.3 MB"),
        (numbers.duration, 31.42, "31.4 µs"),
        (numbers.duration, 4271, "4.27 ms"),
        (numbers.short, 21043.2, "21,043"),
        (numbers.capital, "macro F1", "Macro F1"),
    ],
)
def test_numbers_are_written_as_short_as_they_say_something(write, value, text):
    assert write(value) == text
