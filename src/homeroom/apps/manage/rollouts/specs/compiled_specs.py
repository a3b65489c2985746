"""The spec of a rollout from its rows, compiled, for pages that answer at once; equal contents are compiled once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from homeroom.apps.manage.rollouts.specs.spec_documents import write_spec
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.platform.district import District
from homeroom.engines.manage.rollout.problem import RolloutProblem

MAX_COMPILED = 4
SPEC_NAME = "SPEC.json"
_compiled: OrderedDict[str, RolloutProblem] = OrderedDict()
_lock = Lock()


def load_problem(*, district: District, public: str) -> RolloutProblem:
    """Return the planning problem of a rollout as its rows and bells are now.

    Raise LookupError if there is no such rollout, FileRefused with what is missing, and QueryTimeout.
    """
    with TemporaryDirectory(prefix="homeroom-rollout-") as folder:
        path = Path(folder) / SPEC_NAME
        write_spec(path, district=district, public=public)
        key = _hash_folder(path.parent)
        with _lock:
            problem = _compiled.get(key)
            if problem is not None:
                _compiled.move_to_end(key)
                return problem
        problem = RolloutProblem(load_spec(path))
    with _lock:
        _compiled[key] = problem
        while len(_compiled) > MAX_COMPILED:
            _compiled.popitem(last=False)
    return problem


def _hash_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
