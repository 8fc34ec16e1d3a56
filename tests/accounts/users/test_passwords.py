"""Which passwords are refused, and that hashing cannot take the machine."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.users import passwords
from accounts.users.passwords import hash_password, verify_password, weakness


@pytest.mark.parametrize(
    "password",
    [
        "1234567",
        "password",
        "Password",
        "P@ssw0rd!!",
        "password2026",
        "123password321",
        "qwertyuiop",
        "1q2w3e4r5t",
        "monkeymonkey",
        "iloveyou!!",
        "aaaaaaaa",
        "abababab",
        "abcdefghij",
        "987654321",
        "пароль2026",
        "anhyeuem1",
        "Arkadieva1",
        "alice.w@example.com"[:12],
        "x" * 129,
    ],
)
def test_refused(password):
    assert weakness(password, email="alice.w@example.com", name="Alice Arkadieva")


@pytest.mark.parametrize(
    "password",
    [
        "a long walk to the harbour",
        "seven boats leave late",
        "Tr0ub4dor&3x",
        "дождь стучит по крыше",
        "mưa rơi trên mái nhà",
        "v8#kQ2!pLz",
        "alice walks to the blue harbour",
    ],
)
def test_accepted(password):
    assert weakness(password, email="alice@example.com", name="Alice") is None


@pytest.mark.parametrize("password", ["lollipop1", "Scrabble", "q1w2e3r4t5y6u7i8o9p0", "hilaryduff", "1213141516"])
def test_what_was_breached_is_refused(password):
    assert weakness(password)


def test_every_breached_password_is_one_that_could_be_chosen():
    breached = passwords._breached()
    assert len(breached) > 8000
    assert all(passwords.SHORTEST <= len(word) <= passwords.LONGEST and word == word.lower() for word in breached)


def test_the_list_holds_what_it_says():
    common = passwords._common()
    assert len(common) > 1000
    assert all(word == word.lower() for word in common)


def test_a_hash_is_argon2id_and_fits_one_password(own_hasher, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", own_hasher)
    stored = hash_password("a long walk")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password("a long walk", stored)
    assert not verify_password("a long walk ", stored)
    assert not verify_password("a long walk", passwords.nobodys_hash())


def test_at_most_two_hashes_run_at_once(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=5)

    class Slow:
        def hash(self, _password: str) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            both.wait()
            with lock:
                running -= 1
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(hash_password, ["x"] * 8)) == ["hash"] * 8
    assert most == 2
