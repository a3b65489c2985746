"""`systemctl`: starts and stops the units below the root as systemd would, without its sandbox but for one setting.

Memory that is both writable and executable is denied where the unit denies it, since that breaks programs.
"""

import ctypes
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(os.environ["TEST_ROOT"])
UNITS, RUN = ROOT / "etc/systemd/system", ROOT / "run"
PACKAGED = ("nginx", "caddy", "postgresql")
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1


def read_unit(name):
    """Return the settings of a unit and its drop-ins: name to list of values; an empty value empties the list."""
    path = UNITS / f"{name}.service"
    if not path.exists():
        sys.exit(f"Unit {name}.service could not be found.")
    settings = {}
    for file in [path, *sorted((UNITS / f"{name}.service.d").glob("*.conf"))]:
        for line in file.read_text(encoding="utf-8").splitlines():
            key, separator, value = line.partition("=")
            if separator and not line.startswith(("#", "[")):
                settings[key] = [*settings.get(key, []), value] if value else []
    return settings


def read_environment(settings):
    """Return the environment of the unit: nothing of the caller's but the search path."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    environment |= dict(value.strip('"').split("=", 1) for value in settings.get("Environment", []))
    for path in settings.get("EnvironmentFile", []):
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                key, _, value = line.partition("=")
                environment[key] = "".join(shlex.split(value))
    return environment


def start(name):
    """Start the unit's program and write its process id."""
    settings = read_unit(name)
    environment = read_environment(settings)
    for folder in settings.get("StateDirectory", []):
        (ROOT / "var/lib" / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    credentials = RUN / f"{name}.credentials"
    for credential in settings.get("LoadCredential", []):
        credentials.mkdir(mode=0o700, parents=True, exist_ok=True)
        key, _, path = credential.partition(":")
        shutil.copy(path, credentials / key)
    environment["CREDENTIALS_DIRECTORY"] = str(credentials)
    command = shlex.split(settings["ExecStart"][-1].replace("${CREDENTIALS_DIRECTORY}", str(credentials)))
    if "serve" in command and "--port" not in command:  # the port that is the program's own default may be taken here
        command += ["--port", os.environ["TEST_PORT"]]
    is_denied = settings.get("MemoryDenyWriteExecute") == ["yes"]
    with (ROOT / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=deny_write_execute if is_denied else None,
        )
    RUN.mkdir(exist_ok=True)
    (RUN / f"{name}.pid").write_text(str(process.pid), encoding="ascii")


def deny_write_execute():
    """Deny this process memory that is writable and executable; older kernels than Linux 6.3 do not know it."""
    ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)


def is_active(name):
    """Check whether the unit's process runs."""
    path = RUN / f"{name}.pid"
    return path.exists() and is_alive(int(path.read_text(encoding="ascii")))


def is_alive(pid):
    """Check whether a process runs; one that ended and was not waited for does not."""
    stat = pathlib.Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def stop(name):
    """End the unit's process; fail if it takes longer than TimeoutStopSec."""
    path = RUN / f"{name}.pid"
    if not is_active(name):
        return
    pid = int(path.read_text(encoding="ascii"))
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + float(read_unit(name)["TimeoutStopSec"][-1])
    while is_alive(pid):
        if time.monotonic() > deadline:
            sys.exit(f"{name} did not end in time")
        time.sleep(0.05)
    path.unlink()


def main(words):
    """Carry out one command."""
    verb, now = words[0], "--now" in words
    names = [word.removesuffix(".service") for word in words[1:] if not word.startswith("-")]
    for name in names:
        if name in PACKAGED:
            continue
        if verb == "is-active":
            print("active" if is_active(name) else "inactive")
            sys.exit(0 if is_active(name) else 3)
        read_unit(name)
        if verb in ("stop", "restart"):
            stop(name)
        is_wanted = verb in ("start", "restart") or (verb == "enable" and now)
        if is_wanted and not is_active(name):
            start(name)


main(sys.argv[1:])
