"""`uv`: the real one. Modules that the tests' environment has compiled are not compiled again for an installation.

Nine tenths of what `--compile-bytecode` takes are for modules that are the same in both.
"""

import os
import pathlib
import subprocess
import sys
import sysconfig

UV, COMPILE = os.environ["TEST_UV"], "--compile-bytecode"
PACKAGES = pathlib.Path(sysconfig.get_path("purelib"))
OWN = (PACKAGES, pathlib.Path(__file__).parents[4] / "src")
TIME = slice(8, 12)  # the time of its source, in the head of a compiled module


def copy_compiled(packages):
    """Write the compiled modules of the packages, where this environment has those of the same text."""
    for source in packages.rglob("*.py"):
        for root in OWN:
            own = root / source.relative_to(packages)
            name = f"{source.stem}.{sys.implementation.cache_tag}.pyc"
            compiled, target = own.parent / "__pycache__" / name, source.parent / "__pycache__" / name
            if not compiled.exists() or target.exists():
                continue
            code = bytearray(compiled.read_bytes())
            if code[TIME] == get_time(own) and own.read_bytes() == source.read_bytes():
                target.parent.mkdir(exist_ok=True)
                code[TIME] = get_time(source)
                target.write_bytes(code)


def get_time(path):
    """Return the time of a file as a compiled module has it."""
    return int(path.stat().st_mtime).to_bytes(4, "little")


words = sys.argv[1:]
if COMPILE in words:
    code = subprocess.run([UV, *(word for word in words if word != COMPILE)], check=False).returncode
    if code:
        sys.exit(code)
    copy_compiled(pathlib.Path(words[words.index("--python") + 1]) / PACKAGES.relative_to(sys.prefix))
os.execv(UV, [UV, *words])
