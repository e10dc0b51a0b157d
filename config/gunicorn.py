"""Settings of the web server, gunicorn; threads, since a request waits more than it computes."""

import os
import sys
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger


class WordlessLogger(Logger):
    """gunicorn's log without addresses and messages of errors: they may hold tokens and texts."""

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Write an error's type and its innermost place in the code."""
        error = sys.exc_info()[1]
        place = error.__traceback__ if error else None
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        self.error("%s at %s", type(error).__name__, where)


bind = f"{os.environ.get('BLACKBAR_BIND', '127.0.0.1')}:{os.environ.get('BLACKBAR_PORT', '8000')}"
worker_class = "config.web_worker.PageWorker"
workers = int(os.environ.get("BLACKBAR_WEB_WORKERS", "2"))
threads = int(os.environ.get("BLACKBAR_WEB_THREADS", "64"))
timeout = 60
graceful_timeout = 8
keepalive = 15
# Addresses carry tokens: no access log, no warnings that quote a malformed request, and no
# request in an error's line.
accesslog = None
loglevel = "error"
logger_class = WordlessLogger
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
# The supervisor or an orchestrator starts it anew; a leak is cut off by this.
max_requests = 1_000_000
max_requests_jitter = 100_000
