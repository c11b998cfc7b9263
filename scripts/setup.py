"""Start of `make setup`: hands over to a Python that is new enough, or says that there is none.

Written so that any Python, however old, can read it.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
CANDIDATES = ("python3.13", "python3.11", "python3.12", "python3.14")
CHECK = "import sys; sys.exit(sys.version_info < (3, 11))"


def newer_python():
    """Name of a Python on PATH that is new enough, or None."""
    with open(os.devnull, "w") as silence:
        for name in CANDIDATES:
            try:
                if subprocess.call([name, "-c", CHECK], stdout=silence, stderr=silence) == 0:
                    return name
            except OSError:
                continue
    return None


def main():
    """Exit status 78 when no Python fits, else whatever the set-up says."""
    if sys.version_info >= OLDEST:
        from environment import set_up

        return set_up(sys.argv[1:])
    name = newer_python()
    if name is None:
        sys.stderr.write(
            "Hallward needs Python 3.11 or newer, and only Python %d.%d was found: "
            "install one (on Debian 12 or 13: apt install python3), "
            "or name it: make setup PYTHON=/path/to/python3\n" % sys.version_info[:2]
        )
        return 78
    return subprocess.call([name, os.path.abspath(__file__)] + sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What is done is kept: type `make setup` to go on.\n")
        sys.exit(130)
