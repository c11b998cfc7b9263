"""The page of secret questions, for those who act and those who read."""

import pytest

from fleet.dashboard.secret_words import SECRET_WORDS
from tests.fleet.secret.congress import SecretHall

pytestmark = pytest.mark.slow


def test_the_page_is_whole_in_both_languages_and_has_buttons_for_the_secretariat_alone(
    hall: SecretHall,
) -> None:
    acts, reads = hall.client("secretariat").get("/secret"), hall.client("auditor").get("/secret")

    assert 'id="prepare"' in acts.text
    assert 'id="prepare"' not in reads.text
    assert 'id="hand-in"' not in reads.text
    assert "script-src 'self'" in acts.headers["content-security-policy"]
    assert "onclick" not in acts.text
    assert all(vi and en for vi, en in SECRET_WORDS.values())
