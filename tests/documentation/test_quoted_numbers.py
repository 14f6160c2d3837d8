"""The numbers that pages quote are those of the committed tables, at the printed digits."""

import re
from pathlib import Path

import pytest

from tests.documentation.quoted_numbers import (
    COMMENT,
    NUMBER,
    NumbersError,
    differences,
    is_printed_as,
    plain,
    quotes_of,
)

ROOT = Path(__file__).parents[2]
PAGES = {
    str(path.relative_to(ROOT)): path
    for path in [ROOT / "README.md", *sorted((ROOT / "experiments").glob("*/README.md"))]
}
WITH_COMMENTS = [name for name, path in PAGES.items() if COMMENT.search(path.read_text("utf-8"))]
# Of versions and licences.
NOT_MEASURED = {"3.11", "2.0"}


@pytest.mark.parametrize("name", WITH_COMMENTS)
def test_quoted_numbers_are_those_of_the_tables(name):
    path = PAGES[name]
    assert [each for quote in quotes_of(path.read_text("utf-8")) for each in differences(quote, path.parent)] == []


def test_every_decimal_of_the_first_page_comes_from_a_table():
    text = PAGES["README.md"].read_text("utf-8")
    quoted = {number for quote in quotes_of(text) for number in NUMBER.findall(quote.words)}
    prose = re.sub(r"^```.*?^```$|<!--.*?-->|<[^>]*>|`[^`]*`|\]\([^)]*\)", "", text, flags=re.DOTALL | re.MULTILINE)
    assert {number for number in NUMBER.findall(plain(prose)) if "." in number} - quoted <= NOT_MEASURED


PAGE = """Before.

| model | MSE | share |
| --- | --- | --- |
| a | **1.50** ± 0.71 | 25 % |
| b | 3.00 | |

<!-- numbers from x.csv
column -
column mean mse, sd mse
column mean share
row model=a
row -
3.00 = mse where model=b
-->

Worst of the gammas 2, in all
4,000 configurations.

<!-- numbers from x.csv
the gammas 2 = largest mse by gamma where model=a
4,000 = number where model=b
-->
"""
TABLE = "model,gamma,mse,share,number\na,0.1,1.0,0.2,1\na,1.0,2.0,0.3,1\nb,1.0,3.0,0.5,4000\n"


@pytest.fixture
def differences_of(tmp_path):
    """What is found wrong with a page beside a small table."""
    (tmp_path / "x.csv").write_text(TABLE)
    return lambda page: [each for quote in quotes_of(page) for each in differences(quote, tmp_path)]


def test_a_page_with_the_numbers_of_its_table_has_no_difference(differences_of):
    assert differences_of(PAGE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("**1.50**", "**1.51**", "'1.51 ± 0.71': 1.51 is 1.5 in x.csv (mean mse, sd mse)"),
        ("25 %", "24 %", "'24 %': 24 is 25 in x.csv (mean share)"),
        ("gammas 2", "gammas 3", "'the gammas 3': 3 is 2 in x.csv (largest mse by gamma)"),
        ("4,000", "4,100", "'4,100': 4,100 is 4000 in x.csv (number)"),
        (" ± 0.71", "", "'1.50': 1 numbers, but 2 values (mean mse, sd mse)"),
    ],
)
def test_a_changed_digit_is_found(right, wrong, found, differences_of):
    assert differences_of(PAGE.replace(right, wrong)) == [found]


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        ("3.00 = mse", "3.10 = mse", "no such words above"),
        ("row model=a\nrow -", "row model=a", "1 rows and 3 columns do not fit"),
        ("row model=a", "row model=c", "no row where model=c"),
        ("mean share", "mean shares", "no column shares"),
        ("3.00 = mse where model=b", "3.00 = mse", "3 rows of mse"),
    ],
)
def test_a_comment_that_does_not_fit_page_or_table_is_refused(line, other, message, differences_of):
    with pytest.raises(NumbersError, match=re.escape(message)):
        differences_of(PAGE.replace(line, other))


@pytest.mark.parametrize(
    ("value", "number", "is_printed"),
    [
        (1.1749, "1.17", True),
        (1.1751, "1.17", False),
        (0.285, "0.28", True),
        (0.285, "0.29", True),
        (1499.6, "1,500", True),
        (1499.4, "1,500", False),
        (1.14e-6, "1.1e-6", True),
        (1.16e-6, "1.1e-6", False),
        (-22.546, "-22.55", True),
        (float("nan"), "0", False),
    ],
)
def test_a_number_is_printed_at_its_own_digits(value, number, is_printed):
    assert is_printed_as(value, number) is is_printed
