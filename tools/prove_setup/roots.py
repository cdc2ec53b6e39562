"""Fresh systems in folders: debootstrap's smallest, and this machine's way to its registries.

All is mounted in a mount namespace that ends with the command, so that nothing has to be unmounted. Each
command has a process namespace of its own: killing it ends whatever it started, as pulling the plug would.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "guest"
UBUNTU = ("jammy", "noble", "oracular", "plucky", "questing", "resolute")
CARRIED_PIP = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")
CARRIED_ENV = re.compile(r"(https?|ftp|no|all)_proxy$", re.IGNORECASE)

_ENTER = """
set -e
base=$1 top=$2 work=$3 root=$4 archives=$5; shift 5
mount -t overlay overlay -o "lowerdir=$base,upperdir=$top,workdir=$work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"
mount --bind "$archives" "$root/var/cache/apt/archives"
exec chroot "$@"
"""


class NoRoot(Exception):
    """A system that can't be had here; the message says why."""


def own_mirrors(folder: Path = Path("/etc/apt")) -> Iterator[tuple[str, str]]:
    """(URI, suite) of the machine's own package sources, in their order."""
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if path.suffix == ".sources":
            for block in text.split("\n\n"):
                found = dict(re.findall(r"^(URIs|Suites):\s*(\S+)", block, re.MULTILINE))
                if len(found) == 2:
                    yield found["URIs"], found["Suites"]
        elif path.suffix == ".list":
            yield from re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", text, re.MULTILINE)


def mirror_for(suite: str) -> str | None:
    """The machine's own mirror when it runs the same distribution; else None, debootstrap's default."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    own = re.search(r"^VERSION_CODENAME=(\S+)", release, re.MULTILINE)
    if ("ubuntu" in release.lower()) != (suite in UBUNTU) or own is None:
        return None
    return next((uri for uri, name in own_mirrors() if name == own[1] and uri.startswith("http")), None)


@dataclass(frozen=True, slots=True)
class Base:
    """A system as debootstrap left it; never written to again."""

    suite: str
    folder: Path
    """Holds `root`, and `archives` with the packages that apt downloaded: all trials share them."""
    note: str
    """What a reader of the table should know; empty for nothing."""


def make_base(suite: str, folder: Path, mirror: str | None) -> Base:
    """Bootstrap `suite` under `folder`, or take the one that is there. Raises NoRoot."""
    if shutil.which("debootstrap") is None:
        raise NoRoot("debootstrap is not installed; as root: apt-get install debootstrap")
    home = folder / suite
    root, note = home / "root", ""
    (home / "archives").mkdir(parents=True, exist_ok=True)
    command = ["debootstrap", "--variant=minbase"]
    if suite in UBUNTU:
        command.append("--components=main,universe")
        if not Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg").exists():
            command.append("--no-check-gpg")
            note = "bootstrapped without Ubuntu's key, which is not installed here"
    if not (home / "ready").exists():
        shutil.rmtree(root, ignore_errors=True)
        command += [suite, str(root), *([mirror] if mirror else [])]
        script = Path("/usr/share/debootstrap/scripts")
        if suite in UBUNTU and not (script / suite).exists():
            command += [*([] if mirror else [""]), str(script / "gutsy")]
        with (home / "debootstrap.log").open("wb") as log:
            if subprocess.run(command, stdout=log, stderr=log, check=False).returncode:
                raise NoRoot(f"debootstrap {suite} failed; its words are in {log.name}")
        _carry(root)
        (home / "ready").touch()
    return Base(suite, home, note)


def _carry(root: Path) -> None:
    """Let the root reach what this machine reaches: names, proxies, certificates, pip's index."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    for path in Path("/etc/apt/apt.conf.d").glob("*"):
        if re.search(r"Acquire::.*(Proxy|Check-Valid-Until)", path.read_text(errors="replace")):
            shutil.copy(path, root / "etc/apt/apt.conf.d")
    # Trusted once the root has ca-certificates, and not before: set-up has to see to that.
    own = root / "usr/local/share/ca-certificates"
    own.mkdir(parents=True, exist_ok=True)
    for path in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(path, own)
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    pairs = re.findall(r"^(?:global|site|:env:)\.?([\w-]+)='(.*)'$", listed, re.MULTILINE)
    lines = [f"{key} = {value}" for key, value in pairs if key in CARRIED_PIP and "file:" not in value]
    if lines:
        (root / "etc/pip.conf").write_text("\n".join(["[global]", *lines, ""]), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Root:
    """A system of its own over a base, thrown away after its trial."""

    base: Base
    folder: Path

    def command(self, line: str, who: str) -> list[str]:
        """What runs `line` in it as `root` or USER, in the clone if there is one. To be run by root."""
        home = "/root" if who == "root" else f"/home/{who}"
        carried = [f"{key}={value}" for key, value in os.environ.items() if CARRIED_ENV.match(key)]
        return [
            "unshare", "--mount", "--pid", "--fork", "--kill-child",
            "sh", "-c", _ENTER, "enter",
            str(self.base.folder / "root"), str(self.folder / "top"), str(self.folder / "work"),
            str(self.folder / "root"), str(self.base.folder / "archives"),
            *([] if who == "root" else [f"--userspec={who}:{who}"]),
            str(self.folder / "root"),
            "/usr/bin/env", "-i", f"HOME={home}", "TERM=xterm", "LANG=C.UTF-8", *carried,
            # An ordinary user's PATH has no sbin.
            "PATH=" + ("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" if who == "root"
                       else "/usr/local/bin:/usr/bin:/bin"),
            "bash", "-c", f"cd {home}/mien 2>/dev/null || cd /; {line}",
        ]  # fmt: skip

    def run(self, line: str, who: str = "root", timeout_s: float = 900) -> subprocess.CompletedProcess[str]:
        """Run it to its end, in a pipe."""
        return subprocess.run(
            self.command(line, who), capture_output=True, text=True, errors="replace", timeout=timeout_s,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip


@contextmanager
def fresh_root(base: Base, clone_of: Path, who: str) -> Iterator[Root]:
    """A root with a user and a clean clone in `who`'s home folder, removed at the end."""
    folder = base.folder / f"trial-{os.getpid()}"
    root = Root(base, folder)
    try:
        for name in ("top", "work", "root"):
            (folder / name).mkdir(parents=True)
        home = folder / "top" / ("root" if who == "root" else f"home/{who}")
        home.parent.mkdir(parents=True, exist_ok=True)
        made = root.run(f"useradd --create-home --shell /bin/bash {USER}")
        if made.returncode:
            raise NoRoot(f"a root of {base.suite} cannot be entered: {made.stderr.strip()}")
        home.mkdir(mode=0o700, exist_ok=True)
        subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", str(clone_of), str(home / "mien")], check=True
        )
        owned = root.run(f"chown -R {who}:{who} {'/root' if who == 'root' else '/home/' + who}")
        if owned.returncode:
            raise NoRoot(f"the clone in {base.suite} cannot be given to {who}: {owned.stderr.strip()}")
        yield root
    finally:
        shutil.rmtree(folder, ignore_errors=True)
