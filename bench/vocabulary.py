"""Made-up words in three languages whose frequency falls off as in real text (Zipf)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random

from core.search import normal


def _split(text: str) -> list[str]:
    return text.split()


SIZE = 2_000
SENTENCES = 3_000
WORDS = 12
_PARTS = {
    "en": (_split("b c d f g h l m n p r s t st br cl tr sh pl"), _split("a e i o u ai ea ou"), ["", "n", "r", "t"]),
    "ru": (_split("б в г д ж з к л м н п р с т ст пр кл тр ш"), _split("а е и о у я ы"), ["", "н", "р", "к"]),
    "vi": (
        _split("b c ch d đ g h kh l m n ng nh ph qu s t th tr v x"),
        _split("a á ả ã ạ ơ ư ê ô ộ ế ương iệ"),
        ["", "n", "ng", "t"],
    ),
}
CITIES = {
    "en": [("London", "England"), ("Dublin", "Leinster"), ("Riga", "Latvia"), ("Toronto", "Ontario")],
    "ru": [("Москва", "Москва"), ("Казань", "Татарстан"), ("Алматы", "Казахстан"), ("Минск", "Беларусь")],
    "vi": [("Đà Nẵng", "Miền Trung"), ("Hà Nội", "Miền Bắc"), ("Cần Thơ", "Miền Nam"), ("Huế", "Miền Trung")],
}


@dataclass(frozen=True)
class Vocabulary:
    """``words`` from the commonest to the rarest; ``sentences`` of 12 words, each with its form in the search index."""

    language: str
    words: list[str]
    sentences: list[tuple[str, str]]

    def text(self, random: Random, sentences: int) -> tuple[str, str]:
        """So many sentences, and the same words as the search index has them."""
        taken = random.choices(self.sentences, k=sentences)
        return " ".join(text for text, _found in taken), " ".join(found for _text, found in taken)

    def phrase(self, random: Random, words: int) -> tuple[str, str]:
        """The first words of a sentence, in both forms."""
        text, found = random.choice(self.sentences)
        return " ".join(text.rstrip(".").split(" ")[:words]), " ".join(found.split(" ")[:words])


@lru_cache
def vocabulary(language: str) -> Vocabulary:
    """The same words every time."""
    random = Random(f"words-{language}")
    heads, vowels, tails = _PARTS[language]
    made: dict[str, None] = {}
    while len(made) < SIZE:
        parts = random.choices((1, 2, 3), (1, 3, 2))[0]
        syllables = (random.choice(heads) + random.choice(vowels) + random.choice(tails) for _ in range(parts))
        made["".join(syllables)] = None
    words = list(made)
    found = [normal(word) for word in words]
    falling = list(accumulate(1 / rank for rank in range(1, SIZE + 1)))
    sentences = []
    for _number in range(SENTENCES):
        places = random.choices(range(SIZE), cum_weights=falling, k=WORDS)
        text = " ".join(words[place] for place in places).capitalize()
        sentences.append((f"{text}.", " ".join(found[place] for place in places)))
    return Vocabulary(language, words, sentences)
