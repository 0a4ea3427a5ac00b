"""The stages: each takes work from the store's rows and leaves its result there."""

from monitor.pipeline.activity import Activity
from monitor.pipeline.alerting import Audience
from monitor.pipeline.backfill_ingest import BackfillIngest
from monitor.pipeline.backfilling import Backfilling
from monitor.pipeline.collecting import Collecting
from monitor.pipeline.daily import Daily
from monitor.pipeline.delivery import Delivery
from monitor.pipeline.housekeeping import Housekeeping
from monitor.pipeline.ingest import Ingest, Ingested
from monitor.pipeline.judge import Judge
from monitor.pipeline.listening import Listening
from monitor.pipeline.operator import Operator
from monitor.pipeline.outage import Outage
from monitor.pipeline.page_ingest import PageIngest
from monitor.pipeline.pinging import Pinging
from monitor.pipeline.reading import Progress, Reading
from monitor.pipeline.reindexing import Reindexing
from monitor.pipeline.revisits import Revisits
from monitor.pipeline.room import Room
from monitor.pipeline.safekeeping import Safekeeping
from monitor.pipeline.soundness import Soundness
from monitor.pipeline.transport import Transport
from monitor.pipeline.watching import Watching

__all__ = [
    "Activity",
    "Audience",
    "BackfillIngest",
    "Backfilling",
    "Collecting",
    "Daily",
    "Delivery",
    "Housekeeping",
    "Ingest",
    "Ingested",
    "Judge",
    "Listening",
    "Operator",
    "Outage",
    "PageIngest",
    "Pinging",
    "Progress",
    "Reading",
    "Reindexing",
    "Revisits",
    "Room",
    "Safekeeping",
    "Soundness",
    "Transport",
    "Watching",
]
