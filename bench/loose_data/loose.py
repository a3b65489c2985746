"""Loose student data: 10,000 documents with near-misses, files made to break their reader, and a large CSV.

The peers are searched for in a Python of their own, named by HOMEROOM_PEERS; without it their figures are not measured.
Presidio 2.2 searches the same texts through its AnalyzerEngine, words of context included, with all of its English
recognizers that are patterns; a tokenizer without a language model parts the words. The start of neither is measured.
DataFog 4.9 with its expressions. The precision of both is that of Social Security, card and account numbers.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from bench.loose_data.generate import generate_documents
from bench.loose_data.people import InventedPeople, make_people, make_ssn
from bench.support.goals import Goal, require_exactly
from bench.support.peak_watch import PeakWatch
from homeroom.apps.protect.loose_data.scan_paths import ScanOutcome, scan_paths
from homeroom.domain.protect.loose.recognizers import Roster, RosterStudent

DOCUMENTS, STUDENTS, SEED = 10_000, 10_000, 11
NUMBERS = ("ssn", "card", "bank-account")
SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SHARED_SAMPLE = SHARED / "data" / "pii" / "presidio_generated_small.json"
PEER_TEXTS = 400
GOALS = {
    "precision": Goal(at_least=0.98),
    "recall": Goal(at_least=0.95),
    "number_precision": Goal(at_least=0.99),
    "number_recall": Goal(at_least=0.98),
    "megabytes_a_cpu_second": Goal(at_least=1),
    "peak_mib": Goal(at_most=512),
    "broken_files_seconds": Goal(at_most=10),
    "broken_files_unreported": require_exactly(0),
    "large_cpu_seconds_for_2_gb": Goal(at_most=240),
    "large_numbers_missed": require_exactly(0),
    "dense_megabytes_a_cpu_second": Goal(at_least=0.6),
    "dense_students_missed": require_exactly(0),
}
if os.environ.get("HOMEROOM_PEERS"):
    GOALS |= {"times_presidio": Goal(at_least=20), "precision_above_datafog": Goal(at_least=0)}


def measure(*, runs: int, documents: int = DOCUMENTS, large_mib: int = 64) -> dict[str, float | None]:
    """Return the figures of one scan; `runs` scans would find the same."""
    rng = random.Random(SEED)
    people = make_people(STUDENTS, rng=rng)
    roster = build_roster(people)
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        truth = generate_documents(folder / "documents", count=documents, people=people, rng=rng)
        letters = sum(path.stat().st_size for path in (folder / "documents").iterdir())
        with PeakWatch() as watch:
            start = _read_cpu()
            outcome = scan_paths([folder / "documents"], roster=roster)
            cpu = _read_cpu() - start
            figures: dict[str, float | None] = {
                **score_outcome(outcome, truth),
                "megabytes": letters / 1e6,
                "megabytes_a_cpu_second": letters / 1e6 / cpu,
                **_measure_broken_files(folder, roster),
                **_measure_large_file(folder, roster, rng, large_mib),
                **_measure_dense_file(folder, roster, people, large_mib // 16),
                **_measure_shared_sample(folder),
            }
        figures["peak_mib"] = watch.mib
        figures |= _measure_peers(folder, truth, roster)
    return figures


def build_roster(people: InventedPeople) -> Roster:
    """Build the roster of the invented people."""
    students = (
        RosterStudent(
            id=number, names=((item.first, item.middle, item.last),), numbers=(item.number,), emails=(item.email,)
        )
        for number, item in enumerate(people.students, 1)
    )
    return Roster(students=tuple(students), staff=tuple(people.staff))


def score_outcome(outcome: ScanOutcome, truth: dict[str, frozenset[str]]) -> dict[str, float]:
    """Score pairs of file and kind, of all kinds and of numbers."""
    kinds_by_path = {file.path: {item.what for item in file.findings.found} for file in outcome.files}
    hits, false, missed = Counter[str](), Counter[str](), Counter[str]()
    for path, kinds in truth.items():
        reported = kinds_by_path.get(path, set())
        hits.update(reported & kinds)
        false.update(reported - kinds)
        missed.update(kinds - reported)
    number_hits, number_false, number_missed = (
        sum(counts[kind] for kind in NUMBERS) for counts in (hits, false, missed)
    )
    return {
        "precision": hits.total() / max(1, hits.total() + false.total()),
        "recall": hits.total() / max(1, hits.total() + missed.total()),
        "number_precision": number_hits / max(1, number_hits + number_false),
        "number_recall": number_hits / max(1, number_hits + number_missed),
    }


def _read_cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def write_broken_files(folder: Path) -> list[str]:
    """Write files that are locked, cut, empty or made to break their reader; return their names."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.csv", bytes(200 << 20))
    with zipfile.ZipFile(folder / "slip.zip", "w") as archive:
        archive.writestr("../../outside.txt", "x")
    with zipfile.ZipFile(folder / "locked.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    content = bytearray((folder / "locked.zip").read_bytes())
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    (folder / "locked.zip").write_bytes(content)
    (folder / "cut.zip").write_bytes((folder / "bomb.zip").read_bytes()[:900])
    (folder / "empty.csv").write_bytes(b"")
    (folder / "random.bin").write_bytes(random.Random(1).randbytes(50_000))
    (folder / "loop.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1000000 "
        b"/Kids [2 0 R 3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 9999 >>\nendobj\n"
        b"trailer << /Root 1 0 R >>\n%%EOF"
    )
    return sorted(path.name for path in folder.iterdir())


def _measure_broken_files(folder: Path, roster: Roster) -> dict[str, float]:
    names = write_broken_files(folder / "broken")
    slowest, unreported = 0.0, 0
    for name in names:
        start = _read_cpu()
        outcome = scan_paths([folder / "broken" / name], roster=roster)
        slowest = max(slowest, _read_cpu() - start)
        unreported += not outcome.not_read
    return {"broken_files_seconds": slowest, "broken_files_unreported": float(unreported)}


def _measure_large_file(folder: Path, roster: Roster, rng: random.Random, size: int) -> dict[str, float]:
    """Measure a CSV of some MiB, of whose rows one in a thousand has a number; extrapolated to 2 GB."""
    path = folder / "large.csv"
    planted = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write("Time,Account,Event,Address,Note\n")
        written = 0
        while written < size << 20:
            note = "opened the page"
            if rng.random() < 0.001:
                note, planted = f"SSN {make_ssn(rng)}", planted + 1
            written += stream.write(_write_event(rng, note))
    (folder / "small.csv").write_text("Time,Account\n2026,lab1\n", encoding="utf-8")
    start = _read_cpu()
    scan_paths([folder / "small.csv"], roster=roster)
    started = _read_cpu() - start  # the start is the same for a large file
    start = _read_cpu()
    outcome = scan_paths([path], roster=roster)
    cpu = _read_cpu() - start - started
    count = sum(item.count for file in outcome.files for item in file.findings.found if item.what == "ssn")
    return {
        "large_cpu_seconds_for_2_gb": started + cpu * 2e9 / path.stat().st_size,
        "large_numbers_missed": float(planted - count),
    }


def _measure_dense_file(folder: Path, roster: Roster, people: InventedPeople, size: int) -> dict[str, float]:
    """Measure a CSV of some MiB whose rows each name a student with number, birth date, telephone and address."""
    rng = random.Random(SEED)
    path = folder / "dense.csv"
    students: set[str] = set()
    with path.open("w", encoding="utf-8") as stream:
        stream.write("Student Name,Student ID,Birth Date,Phone,Email,Grade\n")
        written = 0
        while written < max(1, size) << 20:
            student = rng.choice(people.students)
            students.add(student.number)
            born = f"{rng.randint(2007, 2018)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            phone = f"({rng.randint(201, 799)}) {rng.randint(200, 999)}-{rng.randint(0, 9999):04}"
            name = f"{student.first} {student.last}"
            written += stream.write(f"{name},{student.number},{born},{phone},{student.email},{rng.randint(1, 12)}\n")
    start = _read_cpu()
    outcome = scan_paths([path], roster=roster)
    speed = path.stat().st_size / 1e6 / (_read_cpu() - start)
    count = sum(item.count for file in outcome.files for item in file.findings.found if item.what == "student-number")
    return {"dense_megabytes_a_cpu_second": speed, "dense_students_missed": float(len(students) - count)}


def _write_event(rng: random.Random, note: str) -> str:
    moment = f"2026-03-{rng.randint(1, 28):02}T09:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}Z"
    return f"{moment},lab{rng.randint(1, 9999)},sign-in,10.2.{rng.randint(0, 255)}.{rng.randint(1, 254)},{note}\n"


def _measure_shared_sample(folder: Path) -> dict[str, float | None]:
    """Count what is found in Presidio's hundred sentences: three SSNs, ten cards, and nothing else."""
    if not SHARED_SAMPLE.exists():
        return {"sample_ssns": None, "sample_cards": None, "sample_others": None}
    sentences = [entry["full_text"] for entry in json.loads(SHARED_SAMPLE.read_text(encoding="utf-8"))]
    path = folder / "sentences.txt"
    path.write_text("\n\n".join(sentences), encoding="utf-8")
    counts = Counter[str]()
    for file in scan_paths([path]).files:
        counts.update({item.what: item.count for item in file.findings.found})
    others = sum(count for kind, count in counts.items() if kind not in ("ssn", "card"))
    return {"sample_ssns": counts["ssn"], "sample_cards": counts["card"], "sample_others": float(others)}


PEER_PROGRAM = """
import json, sys, time
texts = json.load(sys.stdin)
start = time.process_time()
if sys.argv[1] == "presidio":
    import tldextract
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # asks no network
    import spacy
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    items = [item for item in registry.recognizers if isinstance(item, (PatternRecognizer, PhoneRecognizer))]
    registry.recognizers = items
    class BlankEngine(SpacyNlpEngine):
        def load(self):
            self.nlp = {"en": spacy.blank("en")}
    blank = BlankEngine()
    blank.load()
    engine = AnalyzerEngine(registry=registry, nlp_engine=blank, supported_languages=["en"])
    names = {"US_SSN": "ssn", "CREDIT_CARD": "card", "US_BANK_NUMBER": "bank-account"}
    engine.analyze(texts[0], "en")
    start = time.process_time()
    found = []
    for text in texts:
        results = engine.analyze(text, "en")
        found.append(sorted({names[result.entity_type] for result in results if result.entity_type in names}))
else:
    from datafog.processing.text_processing.regex_annotator import RegexAnnotator
    annotator = RegexAnnotator()
    names = {"SSN": "ssn", "CREDIT_CARD": "card"}
    start = time.process_time()
    found = [sorted({names[key] for key, values in annotator.annotate(text).items() if values and key in names})
        for text in texts]
print(json.dumps({"found": found, "cpu": time.process_time() - start}))
"""


def _measure_peers(folder: Path, truth: dict[str, frozenset[str]], roster: Roster) -> dict[str, float | None]:
    """Let other tools search some of the texts: precision of numbers, and megabytes a second of the processor."""
    python = os.environ.get("HOMEROOM_PEERS")
    names = [name for name in truth if name.endswith((".txt", ".log", ".dat")) and "!" not in name][:PEER_TEXTS]
    texts = {name: (folder / "documents" / name).read_bytes().decode("utf-8", "ignore") for name in names}
    texts = {name: text for name, text in texts.items() if "\0" not in text}
    size = sum(len(text) for text in texts.values()) / 1e6
    figures: dict[str, float | None] = {"peer_texts_megabytes": size}
    for peer in ("presidio", "datafog"):
        if not python:
            figures |= {f"{peer}_precision": None, f"{peer}_megabytes_a_cpu_second": None}
            continue
        process = subprocess.run(
            [python, "-c", PEER_PROGRAM, peer], input=json.dumps(list(texts.values())), capture_output=True, text=True
        )
        answer = json.loads(process.stdout) if process.returncode == 0 else {"found": [], "cpu": 0}
        pairs = [(name, kind) for name, kinds in zip(texts, answer["found"], strict=False) for kind in kinds]
        right = sum(kind in truth[name] for name, kind in pairs)
        figures |= {
            f"{peer}_precision": right / len(pairs) if pairs else None,
            f"{peer}_megabytes_a_cpu_second": size / answer["cpu"] if answer["cpu"] else None,
        }
    return figures | _compare_with_peers(folder / "same", texts, truth, roster, figures)


def _compare_with_peers(
    folder: Path,
    texts: dict[str, str],
    truth: dict[str, frozenset[str]],
    roster: Roster,
    figures: dict[str, float | None],
) -> dict[str, float | None]:
    """Scan the texts of the peers: how many times as fast as Presidio, and how much more precise than DataFog."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    start = _read_cpu()
    scan_paths([folder / next(iter(texts))], roster=roster)  # most of it is the start, which is not measured of peers
    started = _read_cpu() - start
    start = _read_cpu() + started
    outcome = scan_paths([folder], roster=roster)
    speed = sum(len(text) for text in texts.values()) / 1e6 / (_read_cpu() - start)
    precision = score_outcome(outcome, {name: truth[name] for name in texts})["number_precision"]
    presidio, datafog = figures["presidio_megabytes_a_cpu_second"], figures["datafog_precision"]
    return {
        "same_texts_megabytes_a_cpu_second": speed,
        "times_presidio": speed / presidio if presidio else None,
        "precision_above_datafog": precision - datafog if datafog is not None else None,
    }
