"""The device, its name, and the number of host threads that may drive it."""

import ctypes
import logging
import os
from collections.abc import Callable
from pathlib import Path

import jax

from lcpjax.errors import InputError
from lcpjax.runtime.user_cache import usable_cache_folder

# Of glibc's mallopt.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8


_WIDE_VECTORS = "--xla_cpu_prefer_vector_width=512"


def prefer_wide_vectors() -> bool:
    """Make XLA use 512-bit vectors on a CPU with AVX-512, where it prefers 256; whether it was asked to.

    Sets XLA_FLAGS for the whole process, so only the command line calls it, before JAX initialises its backends; later
    it has no effect. A width that is in XLA_FLAGS already stays. The sampler makes up to 1.45 times the moves with the
    same bits (Zen 5; Zen 4, which splits such vectors in two, 1.0 to 1.1).
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_prefer_vector_width" in flags or not _has_avx512():
        return False
    os.environ["XLA_FLAGS"] = f"{flags} {_WIDE_VECTORS}".strip()
    return True


def _has_avx512() -> bool:
    """Whether /proc/cpuinfo lists avx512f; False where there is no such file."""
    try:
        return " avx512f " in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


def use_device(device: str) -> str:
    """Make JAX use the requested device and return its description; nothing is ever substituted silently.

    Args:
        device: auto (whatever JAX finds), cpu or gpu.

    Raises:
        InputError: a GPU was asked for and JAX sees none, or JAX_PLATFORMS names nothing that is there.
    """
    # JAX reports at info level which backends it did not find, whatever was asked for.
    logging.getLogger("jax").setLevel(logging.WARNING)
    if device == "cpu":
        jax.config.update("jax_platforms", "cpu")
    platform = _platform(device)
    if platform == "cpu":
        _silence_cpu_loader()
    if device != "auto" and platform != device:
        raise InputError(
            f"device = {device}: JAX runs on {platform} here; install lcpjax[cuda13] or ask for device=cpu"
        )
    return f"{len(jax.devices())} x {jax.devices()[0].device_kind} ({platform})"


def _platform(device: str) -> str:
    """JAX's backend."""
    try:
        return jax.default_backend()
    # Where a CUDA plugin is missing, JAX 0.10 fails at an assertion without a word.
    except (AssertionError, RuntimeError) as error:
        asked = jax.config.values["jax_platforms"]
        reason = f" ({str(error).splitlines()[0]})" if str(error) else ""
        raise InputError(
            f"device = {device}: JAX_PLATFORMS={asked} names no device that is here{reason}; unset it, or install "
            "lcpjax[cuda13] for cuda"
        ) from None


def _silence_cpu_loader() -> None:
    """Keep XLA's C++ from taking its own cached programs for foreign ones, aloud, 3 kB for each.

    It compares a cached program's preferences (+prefer-no-gather), which are no features
    of a processor, with the processor's features, prints that at level error, and loads the program all the same
    (openxla/xla#44565, open). Level error says nothing else on a CPU that no exception says; what ends the process is
    still printed, and so is everything where TF_CPP_MIN_LOG_LEVEL asks for it.
    """
    # JAX itself sets it to 1 where it is not set.
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "") not in ("", "1"):
        return
    jax.config.update("jax_logging_level", "CRITICAL")
    for name in ("jax", "jaxlib"):  # Python's own loggers, which that setting silences too.
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_compiled_programs(print_line: Callable[[str], None]) -> None:
    """Keep compiled programs in the user's cache folder, so that the next process starts faster.

    The smallest run of experiment=train takes 31.0 s of processor time without, 38.7 s when it fills the cache and
    23.3 to 25.7 s with it (two busy cores).

    Args:
        print_line: called with one line if there is no such folder; then nothing is kept.
    """
    if jax.config.values["jax_compilation_cache_dir"]:
        return
    try:
        folder = usable_cache_folder("compiled")
    except OSError as error:
        print_line(f"compiled programs are not kept ({error})")
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)


def keep_freed_memory() -> None:
    """Keep the host's freed memory for the next array; glibc alone, elsewhere nothing happens.

    By default it hands every large array's pages back to the kernel, which clears
    and maps them anew for the next: silu of 16 million floats took 177 to 238 ms
    so and 56 to 138 ms without (two busy cores, alternating). One arena for all
    threads, since the others hold no array of more than 64 MB: with it a step of
    model=best at a batch of 64 takes 240 ms, without it 360 (one core).
    """
    try:
        adjust = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    settings = {_ARENA_MAX: 1, _MMAP_THRESHOLD: 2**30, _TRIM_THRESHOLD: 2**31 - 1, _TOP_PAD: 2**26}
    for parameter, value in settings.items():
        adjust(parameter, value)


def num_host_threads() -> int:
    """Number of independent programs to run at once: one a core on a CPU, one elsewhere.

    One small program keeps about one core busy, and Python waits without the GIL.
    """
    return num_host_cores() if jax.default_backend() == "cpu" else 1


def num_host_cores() -> int:
    """Number of cores of the host that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
