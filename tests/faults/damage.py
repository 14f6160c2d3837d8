"""What disks and hands do to single files."""

from pathlib import Path


def flip_a_bit(path: Path) -> None:
    """One bit of a byte in the middle, such that text stays text: a digit becomes another one."""
    content = bytearray(path.read_bytes())
    if not content:
        content = bytearray(b"\1")
    else:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def delete(path: Path) -> None:
    path.unlink()


DAMAGES = {"one bit": flip_a_bit, "cut short": cut_short, "gone": delete}


def can_be(damage: str, path: Path) -> bool:
    """An empty file cannot be cut any shorter."""
    return damage != "cut short" or path.stat().st_size > 0
