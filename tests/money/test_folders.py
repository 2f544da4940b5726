"""What lies in the treasury's folder may change between being seen and being opened."""

import os

import pytest

from policies.money.exchange import folders
from policies.money.exchange.reading import MOST_BYTES, Unreadable


def test_what_is_no_file_when_it_is_opened_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(OSError, match="no regular file"):
        folders.take(tmp_path / "pipe.csv")


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("H")
    (tmp_path / "link.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError):  # noqa: PT011 - its words are the system's
        folders.take(tmp_path / "link.csv")


def test_no_more_is_taken_than_may_be_kept(tmp_path):
    (tmp_path / "HD-1.csv").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(Unreadable):
        folders.take(tmp_path / "HD-1.csv")
