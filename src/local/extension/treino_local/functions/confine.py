"""What the system lets hide from a function without root: on Linux, Landlock and a mount namespace.

Standard library alone: launch.py loads it by file. What is not offered is left out, and `apply` says
what is in force, which the local AWS's health repeats.
"""

import ctypes
import os
import signal
import struct
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_RULE_PATH_BENEATH = 1
# Rights: execute 1<<0, write 1<<1, read a file 1<<2, read a folder 1<<3, then making and removing.
_READ = 0b1101
_READ_OF_FILE = 0b0101
_WRITE_OF_FILE = 0b0111 | 1 << 14
_SCOPE_ABSTRACT_SOCKET_AND_SIGNAL = 0b11

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_RDONLY = 1
_MS_REMOUNT = 0x20
_MS_BIND = 0x1000
_MS_RELATIME = 1 << 21
_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_MNT_DETACH = 2

# Programs, libraries, certificates, names of hosts and users: what a program needs of a system.
_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/snap",
    "/proc",
    "/sys",
    "/run/systemd/resolve",
    "/run/current-system",
    "/var/lib/ca-certificates",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _on_linux() -> bool:
    return sys.platform.startswith("linux")


def no_core_files() -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def become_subreaper() -> None:
    if _on_linux():
        _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def apply(plan: dict[str, Any]) -> dict[str, Any]:
    """Confines this process and what it starts, for good."""
    in_force: dict[str, Any] = {"landlock": 0, "tmp": "shared"}
    if not _on_linux():
        return in_force
    if private_tmp(plan["tmp"], plan["readable"], plan["writable"]):
        in_force["tmp"] = "private"
    # After the namespace: a change of credentials would reset it.
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if plan.get("landlock", True):
        writable = [*plan["writable"], "/tmp"]
        in_force["landlock"] = restrict_files(plan["readable"], writable)
    return in_force


def private_tmp(folder: str, readable: list[str], writable: list[str]) -> bool:
    """Puts the folder in the place of /tmp, for this process alone. What is needed and lies there stays."""
    uid, gid = os.getuid(), os.getgid()
    if _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
        return False
    wanted = {path for each in (*readable, *writable) for path in _steps(each) if path.startswith("/tmp/")}
    links = {path: os.readlink(path) for path in wanted if os.path.islink(path)}
    handles: list[tuple[str, int]] = []
    mounted = False
    try:
        # Only what is opened in this namespace can be mounted in it.
        for path in sorted(wanted - set(links)):
            within = any(path.startswith(other + "/") for other, _ in handles)
            if not within and os.path.exists(path):
                handles.append((path, os.open(path, os.O_PATH | os.O_CLOEXEC)))
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        _mount("none", "/", _MS_REC | _MS_PRIVATE)
        _mount(folder, "/tmp", _MS_BIND)
        mounted = True
        for path, handle in handles:
            if os.path.isdir(f"/proc/self/fd/{handle}"):
                os.makedirs(path, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "a"):
                    pass
            _mount(f"/proc/self/fd/{handle}", path, _MS_BIND)
            if path not in writable:
                _make_read_only(path)
        for path, target in links.items():
            if not os.path.lexists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                os.symlink(target, path)
        return True
    except OSError:
        if mounted:
            _libc().umount2(b"/tmp", _MNT_DETACH)
        return False
    finally:
        for _, handle in handles:
            os.close(handle)


def _steps(path: str) -> list[str]:
    """The path, each link that it leads over, and where it ends."""
    steps = [path]
    while os.path.islink(steps[-1]) and len(steps) < 40:
        steps.append(os.path.normpath(os.path.join(os.path.dirname(steps[-1]), os.readlink(steps[-1]))))
    return [*steps, os.path.realpath(path)]


def _mount(source: str, target: str, flags: int) -> None:
    if _libc().mount(source.encode(), target.encode(), None, ctypes.c_ulong(flags), None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def _make_read_only(path: str) -> None:
    has = os.statvfs(path).f_flag
    # What the mount has already may not be taken from it.
    kept = has & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    kept |= _MS_RELATIME if has & os.ST_RELATIME else 0
    _mount("none", path, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)


def public(folder: str) -> list[str]:
    """What everybody may read of a folder: where treino runs as root, a function could read all of it."""
    if os.geteuid() != 0:
        return [folder]
    found, whole = [], True
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return []
    for entry in entries:
        if entry.is_symlink():
            continue
        is_folder, mode = entry.is_dir(), entry.stat().st_mode
        inner: list[str] = []
        if is_folder and mode & 0o005 == 0o005:
            inner = public(entry.path)
        elif not is_folder and mode & 0o004:
            inner = [entry.path]
        whole = whole and inner == [entry.path]
        found += inner
    return [folder] if whole else found


def landlock_version() -> int:
    """0 where the kernel has no Landlock or it is switched off."""
    if not _on_linux():
        return 0
    return max(0, int(_libc().syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def restrict_files(readable: list[str], writable: list[str]) -> int:
    """From here on only these can be opened; returns Landlock's version, 0 where there is none."""
    version = landlock_version()
    if version == 0:
        return 0
    handled = (1 << 13) - 1
    handled |= 1 << 13 if version >= 2 else 0  # moving between folders
    handled |= 1 << 14 if version >= 3 else 0  # truncating
    scoped = _SCOPE_ABSTRACT_SOCKET_AND_SIGNAL if version >= 6 else 0
    attributes = struct.pack("QQQ", handled, 0, scoped)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    libc = _libc()
    ruleset = libc.syscall(
        _LANDLOCK_CREATE_RULESET, ctypes.c_char_p(attributes), ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
    )
    if ruleset < 0:
        return 0
    try:
        for path in (*_SYSTEM, *public("/etc"), *readable):
            _allow(ruleset, path, _READ, _READ_OF_FILE, handled)
        for path in _DEVICES:
            _allow(ruleset, path, _WRITE_OF_FILE, _WRITE_OF_FILE, handled)
        for path in writable:
            _allow(ruleset, path, handled, _WRITE_OF_FILE, handled)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        restricted = libc.syscall(_LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0)) == 0
        return version if restricted else 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, of_folder: int, of_file: int, handled: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # A system without that folder.
    try:
        rights = (of_folder if os.path.isdir(f"/proc/self/fd/{handle}") else of_file) & handled
        rule = struct.pack("=Qi", rights, handle)
        _libc().syscall(
            _LANDLOCK_ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_RULE_PATH_BENEATH),
            ctypes.c_char_p(rule),
            ctypes.c_uint(0),
        )
    finally:
        os.close(handle)
