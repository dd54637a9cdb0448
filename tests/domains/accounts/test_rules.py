"""Names, addresses, redirects and devices."""

import uuid

import pytest

from memberpulse.domains.accounts import rules


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/members", "/members"),
        ("/members?search=a#b", "/members?search=a#b"),
        (None, rules.HOME),
        ("", rules.HOME),
        ("members", rules.HOME),
        ("//evil.example", rules.HOME),
        ("/\\evil.example", rules.HOME),
        ("/a\\b", rules.HOME),
        ("https://evil.example/", rules.HOME),
        ("javascript:alert(1)", rules.HOME),
        ("/\t/evil.example", rules.HOME),
        ("/a\r\nSet-Cookie: b", rules.HOME),
        ("/auth/sign-out", rules.HOME),
        ("/" + "a" * 600, rules.HOME),
    ],
)
def test_only_paths_of_this_site_are_gone_on_to(target: str | None, expected: str) -> None:
    assert rules.safe_next(target) == expected


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Elif Y\u0131ld\u0131z", "elif yildiz"),
        ("Bärbel Großmann", "barbel grossmann"),
        ("  Tāne   Parata ", "tane parata"),
        ("Ngọc Trần", "ngoc tran"),
        ("سلمى", "سلمى"),
    ],
)
def test_names_are_found_without_case_and_accents(name: str, folded: str) -> None:
    assert rules.fold(name) == folded


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Amara Okafor", "AO"), ("Anneliese von der Heide", "AH"), ("Tāne", "T"), ("سلمى الحداد", "سا"), ("", "?")],
)
def test_initials(name: str, initials: str) -> None:
    assert rules.initials_of(name) == initials


def test_tints_are_one_to_six_and_stay() -> None:
    ids = [uuid.UUID(int=number) for number in range(60)]
    assert {rules.tint_of(each) for each in ids} == {1, 2, 3, 4, 5, 6}
    assert rules.tint_of(ids[7]) == rules.tint_of(ids[7])


def test_tokens_are_long_and_only_their_hash_is_kept() -> None:
    token = rules.new_token()
    assert len(token) >= 43
    assert token != rules.new_token()
    assert token not in rules.reference_of(token)
    assert len(rules.reference_of(token)) == 64


def test_devices_have_names() -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
    assert rules.describe_device(firefox) == "Firefox on Windows"
    assert rules.describe_device(phone) == "Safari on iPhone"
    assert rules.describe_device("") == "A browser"
