"""The stages that look after the database itself, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from monitor.app.ending import read_note, tell_of_end
from monitor.app.ground import Ground
from monitor.app.watch import operator_of
from monitor.pipeline import Safekeeping, Soundness
from monitor.pulse import Pulse
from monitor.store import FOLDER, Aside, Backups, DatabaseFile, StoreThread


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """The daily copy and the checks, each with a thread beside the store's, which must not wait for them."""

    safekeeping: Safekeeping
    soundness: Soundness
    backups: Backups
    file: DatabaseFile
    copying: Aside
    looking: Aside

    def close(self) -> None:
        """Give up the copy and the check under way."""
        self.backups.end()
        self.file.end()
        self.copying.close()
        self.looking.close()


def make_care(ground: Ground, store_thread: StoreThread, pulse: Pulse) -> Care:
    """Give the stages; the store is open."""
    config = ground.config
    operator = operator_of(ground)
    backups, file = Backups(config.database, config.data / FOLDER), DatabaseFile(config.database)
    copying, looking = Aside("copying"), Aside("looking")
    soundness = Soundness(
        keeper=ground.store,
        file=file,
        index_damaged=store_thread.take_index_damage,
        on_store=ground.on_store,
        aside=looking,
        slowly=copying,
        operator=operator,
        whole=partial(tell_of_end, ground),
        pulse=pulse,
        clock=ground.clock,
        log=ground.log,
    )
    if read_note(config.data):  # a daemon ended on this database: is it whole now?
        soundness.hurry()
    safekeeping = Safekeeping(
        plan=config.backup,
        backups=backups,
        aside=copying,
        operator=operator,
        damaged=soundness.hurry,
        clock=ground.clock,
        log=ground.log,
    )
    return Care(
        safekeeping=safekeeping, soundness=soundness, backups=backups, file=file, copying=copying, looking=looking
    )
