"""A bare worker: `celery -A benchmarks.peers.celery_app worker`, told by PEER_KIND, PEER_BROKER and PEER_RESULTS."""

import os

from benchmarks.peers.bare import build

app = build(os.environ["PEER_KIND"], os.environ["PEER_BROKER"], os.environ["PEER_RESULTS"])
