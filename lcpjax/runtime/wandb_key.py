"""Whether Weights & Biases finds a key here."""

import os
from pathlib import Path
from urllib.parse import urlparse

_HOST = "api.wandb.ai"


def has_wandb_key() -> bool:
    """Whether the environment or the user's netrc holds a key for the W&B host in use; no network is asked."""
    host = urlparse(os.environ.get("WANDB_BASE_URL") or f"https://{_HOST}").hostname or _HOST
    return bool(os.environ.get("WANDB_API_KEY")) or host in _netrc()


def _netrc() -> str:
    try:
        path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, RuntimeError):
        return ""
