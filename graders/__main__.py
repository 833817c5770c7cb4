"""The command line: `python -m graders COMMAND`, which the sessions of the noxfile call.

Exit status: 0 done (whatever the score), 1 under --fail-under or not as declared, 2 wrong usage, 3 a check was broken.
"""

from __future__ import annotations

import gc
import sys

from graders.commands.arguments import UsageError, parse


def main(arguments: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its escape, not an exception.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # A grade makes many objects and few cycles: looking for those at Python's own pace costs a tenth of its time.
    gc.set_threshold(50_000, 20, 50)
    try:
        command, options = parse(sys.argv[1:] if arguments is None else arguments)
        return command(options)
    except UsageError as error:
        print(f"netgrade: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`).
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
