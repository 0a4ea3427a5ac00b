"""Makes the README's pictures: runs the demo, draws one of its mails as it was received, and the terminal.

    .venv/bin/python docs/pictures/make.py

Needs Chromium, which the program itself does not.
"""

from __future__ import annotations

import email
import email.policy
import html
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CHROMIUM = [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--force-device-scale-factor=2",
]
PAGE = "<!doctype html><meta charset=utf-8><body style='margin:0;background:{background}'>{body}"
HEAD = (
    "<div style='font:14px/1.6 sans-serif;color:#444;background:#eef1f4;padding:12px 20px'>"
    "From: {sender}<br>To: {to}<br><b style='color:#111;font-size:16px'>{subject}</b></div>"
    "<div style='padding:4px 20px;background:#fff'>{body}</div>"
)
TERMINAL = (
    "<pre style='margin:0;padding:16px 20px;color:#d6deeb;font:13px/1.45 \"DejaVu Sans Mono\",monospace'>{text}</pre>"
)
COMMANDS = (
    ["demo"],
    ["search", "prisoner OR военнопленный OR ტყვე", "--limit", "4", "--config", "demo-data/config.yaml"],
    ["sql", "select outlet, language, rules, state from v_alerts limit 4", "--config", "demo-data/config.yaml"],
)


def main() -> None:
    """Write mail.png and terminal.png beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(told(folder, command) for command in COMMANDS)
        terminal = TERMINAL.format(text=html.escape(text))
        height = text.count("\n") * 19 + 50
        picture(PAGE.format(background="#011627", body=terminal), HERE / "terminal.png", width=920, height=height)
        mail = PAGE.format(background="#fff", body=shown(Path(folder) / "demo-data" / "mail"))
        picture(mail, HERE / "mail.png", width=760, height=760)


def shown(folder: Path) -> str:
    """Give the mail that names most rules as HTML, with its headers above it."""
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in folder.glob("*.eml")]
    mail = max(mails, key=lambda mail: mail["Subject"].partition("]")[0].count(","))
    part = mail.get_body(("html",))
    assert part is not None
    heads = {name: html.escape(mail[name]) for name in ("From", "To", "Subject")}
    return HEAD.format(sender=heads["From"], to=heads["To"], subject=heads["Subject"], body=part.get_content())


def told(folder: str, command: list[str]) -> str:
    """Run a command; gives its line and what it printed."""
    quoted = " ".join(f"'{word}'" if " " in word else word for word in command)
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *command],
        cwd=folder,
        env=os.environ | {"COLUMNS": "112"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return f"$ monitor {quoted}\n{done.stdout}"


def picture(page: str, target: Path, *, width: int, height: int) -> None:
    """Draw a page."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        size = f"--window-size={width},{height}"
        command = [
            *CHROMIUM,
            "--force-device-scale-factor=1.5",
            f"--user-data-dir={folder}/profile",
            size,
            f"--screenshot={target}",
            file.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
