"""Find tests and freezes in the words of calendar events: the table by which testing windows are read.

Names of tests that mean nothing else count in any case. Names that are words too (MAP, SAT, ACT, AP) count in capitals
beside words of testing, or where the title has no other word: "MAP Growth" and "SAT (Grade 11)", not "MAP OF THE
SCHOOL" or "Act of Kindness Day". What is about a test but is none, such as its registration, scores or training, does
not count.
"""

from __future__ import annotations

import re

TESTING, FREEZE = "testing", "freeze"
PLAIN_NAMES = (
    "sbac", "smarter balanced", "caaspp", "elpac", "celdt", "staar", "telpas", "eoc", "eog", "wida", "psat", "nmsqt",
    "nwea", "parcc", "mcas", "pssa", "njsla", "nysitell", "nyseslat", "nysestp", "naep", "dibels", "cogat", "asvab",
    "i-?ready", "preact", "ilearn", "tcap", "tnready", "m-?step", "milestones assessments?", "iowa assessments?",
    "keystones?(?= exam)", "elpa ?21", "nysaa", "aimsweb", "access for ells?",
)  # fmt: skip
"""Names of tests that mean nothing else, as regular expressions for whole words in any case."""
WORD_NAMES = ("MAP", "SAT", "ACT", "AP", "IB", "CAST", "ACCESS", "FAST", "SOLs?", "LEAP", "STAR", "FSA", "CAA", "MCA")
"""Names of tests that are also words or other names; they count in capitals only."""
_NAMES = "|".join(WORD_NAMES)
_PLAIN = rf"\b({'|'.join(PLAIN_NAMES)})\b"
_OF_TESTS = (
    r"\b(tests?|testing|exams?|examinations?|assessments?|windows?|make-?ups?|retakes?|administration|school ?day"
    r"|growth|juniors?|seniors?|sophomores?|freshm[ae]n|grades?|interims?|summatives?)\b"
)
"""Words beside a name in capitals by which it is a test."""
_NEUTRAL = (
    r"\b(and|for|in|all|with|begins?|starts?|ends?|opens?|closes?|day|days|week|weeks|session|round|part"
    r"|fall|winter|spring|summer|morning|am|pm|boy|moy|eoy|school|district|state|national|statewide|students?|only"
    r"|reading|math(ematics)?|ela|language|science|writing|essay|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*"
    r"|sep\w*|oct\w*|nov\w*|dec\w*|k|[0-9]+(st|nd|rd|th)?)\b|[\W_]+"
)
"""Words beside a name in capitals that tell nothing else."""
_NO_TEST = (
    r"\b(registrations?|register|sign-?ups?|deadlines?|prep|preparation|bootcamp|boot camp|workshops?|tutoring"
    r"|tutorials?|trainings?|coordinators?|info(rmation)?|orientation|night|meetings?|committee|conference"
    r"|scores?|results?|reports?|grades due|review|study|rally|assembly|celebrations?|awards?|part(y|ies)|breakfast"
    r"|pretzels?|fundraiser|fees?|payments?|orders?|applications?|presentations?|parents?|famil(y|ies)|clubs?"
    r"|coffee|art show|fair|potluck|act (1|2|3|i{1,3}|one|two|three)|leap (day|year)|stars? students?"
    r"|(no|before|after) (the )?(tests?|testing|exams?|finals))\b"
)
"""Words by which an event is about a test and is none."""
_OTHER_TESTS = (
    r"\b(eye|vision|hearing|dental|medical|physicals?|health|covid(-19)?|strep|flu|tb|drug|scoliosis|lice|fire|alarms?"
    r"|siren|sprinklers?|generators?|backflow|water|lead|radon|asbestos|air quality|intercom|emergency|drill|fitness"
    r"|pacer|driv(er|ers|ing|er's)|permit|swim|lifeguard|cpr|taste|concussion|impact|citizenship|karate|belt)\b"
)
_CONTESTS = (
    r"\b(semi-?finals?|quarter-?finals?|playoffs?|championships?|champs|tournaments?|tourney|meets?|cups?|leagues?"
    r"|regionals?|sectionals?|bee|bowl|contests?|competitions?|debate|forensics|robotics|olympiad|decathlon|vs\.?|games?"
    r"|football|basketball|baseball|softball|soccer|volleyball|tennis|golf|track|cross country|swimming|wrestling"
    r"|lacrosse|hockey|cheer|dance|band|choir|orchestra|esports|chess|spelling|talent|idol|poetry|racquet|rugby"
    r"|water polo|conference finals|state finals|district finals|nba|relays?|auditions?)\b"
)
_STATE_TESTS = (
    r"\btesting\b|\b(state|standardi[sz]ed|district|benchmark|interim|summative|proficiency|placement|achievement"
    r"|end[- ]of[- ](course|grade|year)|common|diagnostic|semester|mock|practice|regents|forward|keystone) "
    r"(test|exam|assessment|benchmark)s?\b|\b(map|sat|act|ap|ib|cast|access|fast|star) (tests?|exams?|assessments?)\b"
    r"|\b(state|district|summative|interim|benchmark) assessments?\b|\btest(ing)? windows?\b"
    r"|\b(ex[aá]menes|pruebas (estatales|finales)|evaluaciones estatales|per[ií]odo de pruebas)\b"
)
_EXAMS = r"\b(exams?|examinations|midterms|mid-terms|midterm (tests?|week))\b"
_FINALS = r"\bfinals\b"
_FREEZE = (
    r"\b(change|changes|system|systems|tech(nology)?|it|network|server|deployment|device|update|updates|software|code"
    r"|config(uration)?|production|testing)[ -](control )?(freeze|blackout)\b"
    r"|\bfreeze (on|of|for) (all )?(changes|updates|deployments?|devices|systems?|networks?|technology)\b"
    r"|\bblackout (period|window|weeks?|dates?)\b"
    r"|\bno (it|tech(nology)?|system|network|device) (changes|updates|work)\b"
)
_NO_FREEZE = r"\b(hiring|budget|spending|pay|salary|transfer|enrollment|tag|wear|spirit|theme|vacation|leave|travel)\b"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_PLAIN_RE, _OF_TESTS_RE, _NEUTRAL_RE, _NO_TEST_RE = (_compile(text) for text in (_PLAIN, _OF_TESTS, _NEUTRAL, _NO_TEST))
_OTHER_TESTS_RE, _CONTESTS_RE, _STATE_TESTS_RE = (_compile(text) for text in (_OTHER_TESTS, _CONTESTS, _STATE_TESTS))
_EXAMS_RE, _FINALS_RE, _FREEZE_RE, _NO_FREEZE_RE = (_compile(text) for text in (_EXAMS, _FINALS, _FREEZE, _NO_FREEZE))
_TYPE_NAMES_RE = _compile(r"\b(map|sat|act|ap)\b")
_WORD_NAME_RE = re.compile(rf"\b({_NAMES})\b")


def classify_quiet(summary: str) -> str | None:
    """Return whether an event is a test (`testing`) or a freeze of changes (`freeze`); None if it is neither."""
    return find_quiet_word(summary)[0]


def is_test_type(name: str, title: str = "") -> bool:
    """Return whether a type of day of the bells is one of tests, by its name such as `map-testing`, or its title.

    In names, which are in lower case as a rule, MAP, SAT, ACT and AP count as they do in capitals; `sat` alone is a
    Saturday.
    """
    words = re.sub(r"[-_.]+", " ", name).strip()
    if words.casefold() != "sat":
        words = _TYPE_NAMES_RE.sub(lambda match: match[0].upper(), words)
    return TESTING in (classify_quiet(words), classify_quiet(title))


def find_quiet_word(summary: str) -> tuple[str | None, str]:
    """Return whether an event is a test, a freeze or neither (None), and the word by which it is."""
    words = " ".join(summary.replace("\u2019", "'").split())
    freeze = _FREEZE_RE.search(words)
    if freeze and not _NO_FREEZE_RE.search(words):
        return FREEZE, freeze[0]
    word = _find_test(words)
    return (TESTING, word) if word else (None, "")


def _find_test(words: str) -> str:
    """Return the words by which it is a test; empty if it is none."""
    if _NO_TEST_RE.search(words):
        return ""
    if match := _PLAIN_RE.search(words):
        return match[0]
    if _is_named_in_capitals(words):
        return _get_text(_WORD_NAME_RE.search(words))
    if _OTHER_TESTS_RE.search(words):
        return ""
    if match := _STATE_TESTS_RE.search(words) or _EXAMS_RE.search(words):
        return match[0]
    return "" if _CONTESTS_RE.search(words) else _get_text(_FINALS_RE.search(words))


def _get_text(match: re.Match[str] | None) -> str:
    return match[0] if match else ""


def _is_named_in_capitals(words: str) -> bool:
    """Check for a name that is a word too: beside words of testing, or with nothing else that has a meaning."""
    rest = _WORD_NAME_RE.sub(" ", words)
    if rest == words:
        return False
    return bool(_OF_TESTS_RE.search(rest)) or not _NEUTRAL_RE.sub("", rest)
