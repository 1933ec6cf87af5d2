"""How easily a password is guessed; `kit/passwords.py` loads it when one is chosen."""

from zxcvbn import zxcvbn

LONGEST = 128
FEWEST_GUESSES = 10**9
"""A common password padded to fifteen characters comes out just above 10^8, where 3 begins."""
FEWEST_OTHER = 8


def score(password: str, own_words: list[str]) -> int:
    """0 to 4; 3 is good. `own_words` are what somebody who knows the person would try first: what
    is left without them must be something too."""
    rest = password.lower()
    for word in sorted(own_words, key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != password.lower() and sum(map(str.isalnum, rest)) < FEWEST_OTHER:
        return 1
    found = zxcvbn(password[:LONGEST], user_inputs=own_words, max_length=LONGEST)
    return int(found["score"]) if found["guesses"] >= FEWEST_GUESSES else min(found["score"], 2)
