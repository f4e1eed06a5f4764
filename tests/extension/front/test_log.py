"""The log is of limited size, however much is said."""

from pathlib import Path

from treino_local.front.log import Log


def test_two_files_of_limited_size(tmp_path: Path) -> None:
    path = tmp_path / "local.log"
    log = Log(str(path), limit=1000)
    for number in range(100):
        log.write(f"{number:099d}\n".encode())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["local.log", "local.log.1"]
    assert all(each.stat().st_size <= 1000 for each in tmp_path.iterdir())
    assert path.read_text().splitlines()[-1] == f"{99:099d}"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "local.log"
    path.write_text("before\n")
    Log(str(path)).say("now")
    assert path.read_text().startswith("before\n")
    assert path.read_text().endswith("[front] now\n")
