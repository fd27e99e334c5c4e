"""Whether the program under test was built with a sanitizer, which takes memory for itself. The twin of sanitized.h."""
import os

SANITIZED = bool(os.environ.get("BAGLOOM_SANITIZE"))


def with_shadow(limit):
    """A limit that one run named, for the next run: a sanitizer's own memory differs by megabytes from run to run."""
    return limit + (32 << 20 if SANITIZED else 0)
