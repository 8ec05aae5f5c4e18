"""The file of a backup: whole or refused, and only for its owner."""

import contextlib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.backup.archive import FORMAT, Archive, ArchiveWriter, Manifest, archive_write
from tools.backup.errors import BackupError

AT = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)


def finished(archive: ArchiveWriter, **fields: int) -> Manifest:
    manifest = Manifest(AT, 18, {"crm": ["0001_initial"]}, {"crm_contact": 3}, False, archive.parts, **fields)
    archive.finish(manifest)
    return manifest


def written(path: Path) -> Path:
    with archive_write(path) as archive:
        with archive.part("database.dump") as part:
            part.write(b"rows" * 100_000)
        with archive.part("media/a.csv") as part:
            part.write(b"one")
        finished(archive)
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "one.cauce")
    assert path.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(Archive(path)) as archive:
        archive.check()
        assert archive.manifest.taken_at == AT
        assert archive.manifest.rows == {"crm_contact": 3}
        assert archive.read("database.dump") == b"rows" * 100_000
        assert archive.extract_media(tmp_path / "media") == 1
    assert (tmp_path / "media" / "a.csv").read_bytes() == b"one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "one.cauce"]


def test_a_backup_replaces_none(tmp_path: Path) -> None:
    path = written(tmp_path / "one.cauce")
    before = path.read_bytes()
    with pytest.raises(BackupError, match="exists already"), archive_write(path):
        raise AssertionError("it began")
    assert path.read_bytes() == before


def test_one_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), archive_write(tmp_path / "one.cauce"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_one_that_was_killed_is_written_over(tmp_path: Path) -> None:
    draft = tmp_path / "one.cauce.part"
    draft.write_bytes(b"x" * 10_000_000)
    draft.chmod(0o644)
    path = written(tmp_path / "one.cauce")
    assert path.stat().st_size < 1_000_000
    assert path.stat().st_mode & 0o777 == 0o600
    assert not draft.exists()


def test_two_to_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "one.cauce"
    with archive_write(path) as archive:
        with pytest.raises(BackupError, match="Another backup writes"), archive_write(path):
            raise AssertionError("it began")
        finished(archive)
    Archive(path).close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file or directory"), archive_write(tmp_path / "no" / "one.cauce"):
        raise AssertionError("it began")
    with pytest.raises(BackupError, match="cannot be read: No such file"):
        Archive(tmp_path / "none.cauce")


@pytest.mark.parametrize("kept", [0, 10, 1000, 400_000])
def test_one_that_was_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path / "one.cauce")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BackupError, match="is not a finished backup"):
        Archive(path)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("letter.txt", "Dear Ada")
    with pytest.raises(BackupError, match="is not a finished backup"):
        Archive(tmp_path / "other.zip")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    with archive_write(tmp_path / "one.cauce") as archive:
        finished(archive, format=FORMAT + 1)
    with pytest.raises(BackupError, match="was made by a newer version"):
        Archive(tmp_path / "one.cauce")


def test_one_byte_that_changed_is_found(tmp_path: Path) -> None:
    path = written(tmp_path / "one.cauce")
    content = bytearray(path.read_bytes())
    content[200_000] ^= 1
    path.write_bytes(content)
    with contextlib.closing(Archive(path)) as archive, pytest.raises(BackupError, match=r"damaged in database\.dump"):
        archive.check()


def test_a_part_that_was_exchanged_or_added_is_found(tmp_path: Path) -> None:
    path = written(tmp_path / "one.cauce")
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    for changes, words in (
        ({"media/a.csv": b"two"}, r"damaged in media/a\.csv: its checksum is another"),
        ({"media/b.csv": b"new"}, r"changed after the backup: media/b\.csv"),
    ):
        with zipfile.ZipFile(path, "w") as other:
            for name, content in (parts | changes).items():
                other.writestr(name, content)
        with contextlib.closing(Archive(path)) as archive, pytest.raises(BackupError, match=words):
            archive.check()


@pytest.mark.parametrize("name", ["media/../../etc/passwd", "media//etc/passwd", "media/"])
def test_a_name_that_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with archive_write(tmp_path / "one.cauce") as archive:
        with archive.part(name) as part:
            part.write(b"root::0:0")
        finished(archive)
    with (
        contextlib.closing(Archive(tmp_path / "one.cauce")) as archive,
        pytest.raises(BackupError, match="leads elsewhere"),
    ):
        archive.extract_media(tmp_path / "media")
    assert not (tmp_path / "etc").exists()
