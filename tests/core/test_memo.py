"""What is shared within a call, and how long it is kept."""

from leadlag.core.memo import Memo


def test_the_result_asked_for_least_recently_goes_first():
    memo, made = Memo(most=2), []

    def make(key: str) -> str:
        return memo.of(key, lambda: made.append(key) or key)

    for key in ("a", "b", "a", "c", "a", "b"):
        assert make(key) == key
    assert made == ["a", "b", "c", "b"]
