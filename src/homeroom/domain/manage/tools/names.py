"""Find the tool that a text names: by whole words of known names, never by likeness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from homeroom.domain.manage.tools.bare_names import cut_replaced, strip_name
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.words import (
    COMPANY_FORMS,
    FOLLOWING_REFERENCES,
    HARD_REFERENCES,
    SOFT_REFERENCES,
    fold_words,
)

Words = tuple[str, ...]
MIN_JOINED = 6
"""Letters of a name that is known without its spaces too: deepfreeze."""
_REACH = 3
"""Words before a name in which a word that refers to something else counts: `in place of the GoGuardian`."""
_FILLERS = frozenset(
    ["the", "of", "our", "old", "existing", "previous", "current", "legacy", "for", "to", "from", "use"]
)


@dataclass(frozen=True)
class _Mention:
    """A known name in a text, from word `start` to before word `end`; without a product it is a near name."""

    start: int
    end: int
    letters: int
    product: ToolProduct | None


class ToolNames:
    """The names of products, looked up by text, domain, extension id and client id.

    Where two products have one name, it belongs to the first of them. Answers are cached by text.
    """

    def __init__(self, products: Iterable[ToolProduct]) -> None:
        self.products = tuple(products)
        self._names: dict[Words, ToolProduct | None] = {}
        self._short_names: dict[str, ToolProduct] = {}
        self._domains: dict[str, ToolProduct] = {}
        self._extension_ids: dict[str, ToolProduct] = {}
        self._client_ids: dict[str, ToolProduct] = {}
        self._found: dict[str, ToolProduct | None] = {}
        self._bare: dict[str, str] = {}
        for product in self.products:
            self._add(product)
        self._add_near_names()
        self._longest: dict[str, int] = {}
        for words in self._names:
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def find(self, text: str) -> ToolProduct | None:
        """Return the product whose longest known name the text holds as whole words; None if it holds none.

        A product after a word such as `replaces` does not count. One after `for` or `with`, or before `integration`,
        counts only where no other is named.
        """
        if text not in self._found:
            self._found[text] = self._find(text)
        return self._found[text]

    def bare(self, text: str) -> str:
        """Return the words of a text that can be a name, without term, quantity, year, license and reseller words."""
        if text not in self._bare:
            self._bare[text] = strip_name(text)
        return self._bare[text]

    def find_domain(self, domain: str) -> ToolProduct | None:
        """Return the product of a domain, such as app.kamiapp.com: of itself or of the nearest domain above it."""
        labels = domain.strip().casefold().rstrip(".").split(".")
        return next(
            (
                self._domains[name]
                for name in (".".join(labels[position:]) for position in range(len(labels)))
                if name in self._domains
            ),
            None,
        )

    def find_extension(self, extension_id: str) -> ToolProduct | None:
        """Return the product of an extension or app of Chrome."""
        return self._extension_ids.get(extension_id.strip().casefold())

    def find_client(self, client_id: str) -> ToolProduct | None:
        """Return the product of an OAuth client."""
        return self._client_ids.get(client_id.strip().casefold())

    def _add(self, product: ToolProduct) -> None:
        for name in product.all_names:
            for words in list_name_forms(name):
                self._names.setdefault(words, product)
        for domain in product.domains:
            self._domains.setdefault(domain.casefold(), product)
            self._names.setdefault(fold_words(domain), product)
        for name in product.short_names:
            self._short_names.setdefault(" ".join(fold_words(name)), product)
        for identifier in product.extension_ids:
            self._extension_ids.setdefault(identifier.casefold(), product)
        for identifier in product.client_ids:
            self._client_ids.setdefault(identifier.casefold(), product)

    def _add_near_names(self) -> None:
        """Add near names last: what is a name of another product remains its name."""
        for product in self.products:
            for name in product.not_names:
                self._names.setdefault(fold_words(name), None)

    def _find(self, text: str) -> ToolProduct | None:
        words = fold_words(cut_replaced(text))
        mentions = self._choose_mentions(words)
        ranked = [(_rank_mention(words, mention, mentions), mention) for mention in mentions if mention.product]
        products = [
            (rank, -mention.letters, mention.start, mention.product) for rank, mention in ranked if rank is not None
        ]
        if products:
            return min(products, key=lambda entry: entry[:3])[3]
        return self._short_names.get(self.bare(text)) if not mentions else None

    def _choose_mentions(self, words: Sequence[str]) -> list[_Mention]:
        """Return the known names in the words, the longest first; a name inside a longer name is none."""
        chosen: list[_Mention] = []
        taken = [False] * len(words)
        for mention in sorted(self._list_mentions(words), key=lambda entry: (-entry.letters, entry.start)):
            if not any(taken[mention.start : mention.end]):
                chosen.append(mention)
                taken[mention.start : mention.end] = [True] * (mention.end - mention.start)
        return chosen

    def _list_mentions(self, words: Sequence[str]) -> Iterable[_Mention]:
        for start, word in enumerate(words):
            for length in range(min(self._longest.get(word, 0), len(words) - start), 0, -1):
                name = tuple(words[start : start + length])
                if name in self._names:
                    yield _Mention(start, start + length, sum(map(len, name)), self._names[name])


def list_name_forms(name: str) -> tuple[Words, ...]:
    """Return the words of a name without company forms, and joined where they are long enough: deepfreeze."""
    words = fold_words(name)
    while len(words) > 1 and words[-1] in COMPANY_FORMS:
        words = words[:-1]
    if not words:
        return ()
    joined = "".join(words)
    return (words, (joined,)) if len(words) > 1 and len(joined) >= MIN_JOINED else (words,)


def _rank_mention(words: Sequence[str], mention: _Mention, mentions: Sequence[_Mention]) -> int | None:
    """Return 0 for a name that the text is about, more for what it refers to, None for what it is not about."""
    start = mention.start
    if words[mention.end : mention.end + 1] and words[mention.end] in FOLLOWING_REFERENCES:
        return len(SOFT_REFERENCES)
    if start == 0:
        return 0
    taken = {position for mention in mentions for position in range(mention.start, mention.end)}
    for position in range(start - 1, max(start - 1 - _REACH, -1), -1):
        if position in taken:
            break
        if words[position] in HARD_REFERENCES:
            return None
        if words[position] not in _FILLERS:
            break
    return next((rank for rank, soft in enumerate(SOFT_REFERENCES, start=1) if words[start - 1] in soft), 0)
