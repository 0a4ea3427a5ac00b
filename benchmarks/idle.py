"""What the daemon costs when little happens: 25 sources at the default intervals, by default over five minutes.

    .venv/bin/python benchmarks/idle.py [SECONDS]

Measured after the first visits. Memory is the largest sum of the proportional set sizes of all processes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from rig import count, cpu_seconds, daemon, hosts, outlets, pss_mib, wait_for

SOURCES = 25
RULES = "prisoner OR военнопленный OR ռազմագերի OR əsir OR ტყვე"


def main(seconds: float) -> None:
    """Print the figures."""
    names = hosts(SOURCES)
    with tempfile.TemporaryDirectory() as folder, outlets(names) as port:
        config = Path(folder) / "config.yaml"
        sources = "\n".join(
            f"  - {{name: s{n}, outlet: O, allow_private: [127.0.0.0/8], feed: 'http://{host}:{port}/'}}"
            for n, host in enumerate(names)
        )
        config.write_text(
            "contact: b@example.org\nchannels: {desk: {type: maildir}}\n"
            f"rules: [{{name: prisoners, query: '{RULES}', to: [desk]}}]\n"
            f"limits: {{spread: 1s}}\nsources:\n{sources}\n",
            encoding="utf-8",
        )
        database = Path(folder) / "data" / "monitor.db"
        with daemon(config) as process:
            wait_for(database, "select count(*) from visits", SOURCES)
            most, cpu, started = 0.0, cpu_seconds(process), time.monotonic()
            while time.monotonic() - started < seconds:
                most = max(most, pss_mib(process))
                time.sleep(min(5, seconds))
            share = 100 * (cpu_seconds(process) - cpu) / (time.monotonic() - started)
            end, processes = pss_mib(process), 1 + len(process.children(recursive=True))
        visits = count(database, "select count(*) from visits")
    print(f"idle: {most:.0f} MiB PSS at most, {end:.0f} MiB at the end in {processes} processes")
    print(f"idle: {share:.2f} % of a core over {seconds:.0f} s; {visits} visits since the start")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 300)
