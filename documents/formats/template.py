"""The process that children are copied from, so that none has to load its libraries by itself.

Started by `documents.template` as `python -m documents.formats.template SOCKET`. For each message
on that socket, a child's four limits with three descriptors beside them, it makes a copy of itself
(fork), which becomes `documents.formats.child`. It never sees a file: a copy has seen no other.

The descriptors are a child's two pipes and its leash, a socket on which this process says what the
child's number is, and in the end with which status it ended. A child that has ended keeps its
number until the other end of the leash is closed, so that nobody else is killed in its place. This
process ends when its socket is closed.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import struct
import sys

from documents import formats
from documents.formats import child

LONGEST_MESSAGE = 200
DESCRIPTORS = 3
# What is said on a leash: first the child's number, then its status, as subprocess has them.
NUMBER = struct.Struct("=q")


def main() -> None:
    """Copy this process until nobody can ask for it any more."""
    control = socket.socket(fileno=int(sys.argv[1]))
    formats.load_libraries()
    # What is loaded stays: copies share it as long as nobody counts in it.
    gc.collect()
    gc.freeze()
    Template(control).run()


class Template:
    """Makes copies, and tells what became of them."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._leashes: dict[socket.socket, int] = {}
        self._ended: set[int] = set()
        # Without a descriptor of its own, which copies would have to close.
        self._selector = selectors.PollSelector()
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        for one in (self._control, self._woken):
            self._selector.register(one, selectors.EVENT_READ)

    def run(self) -> None:
        """Answer messages until there are no more."""
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._take_message():
                        return
                elif key.fileobj is self._woken:
                    self._woken.recv(1024)
                    self._tell_who_ended()
                elif isinstance(key.fileobj, socket.socket):
                    self._let_go(key.fileobj)

    def _take_message(self) -> bool:
        """Make a copy; False if there are no more messages."""
        message, given, *_ = socket.recv_fds(self._control, LONGEST_MESSAGE, DESCRIPTORS)
        if not message:
            return False
        requests, answers, leash_number = given
        leash = socket.socket(fileno=leash_number)
        try:
            pid = os.fork()
        except OSError:  # no process is to be had now; the closed leash says so
            pid = -1
        if pid == 0:
            self._become_child(message, requests, answers, leash)
        os.close(requests)
        os.close(answers)
        if pid < 0:
            leash.close()
            return True
        self._leashes[leash] = pid
        self._selector.register(leash, selectors.EVENT_READ)
        _say(leash, pid)
        return True

    def _become_child(
        self, message: bytes, requests: int, answers: int, leash: socket.socket
    ) -> None:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            for one in (self._control, self._woken, self._waker, leash, *self._leashes):
                one.close()
            os.dup2(requests, 0)
            os.dup2(answers, 1)
            os.close(requests)
            os.close(answers)
            child.serve(*map(int, message.split()))
            os._exit(0)
        except BaseException:
            os._exit(1)

    def _tell_who_ended(self) -> None:
        for leash, pid in self._leashes.items():
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None and pid not in self._ended:
                self._ended.add(pid)
                is_signal = ended.si_code in {os.CLD_KILLED, os.CLD_DUMPED}
                _say(leash, -ended.si_status if is_signal else ended.si_status)

    def _let_go(self, leash: socket.socket) -> None:
        """End and forget a child whose owner has closed its leash."""
        self._selector.unregister(leash)
        pid = self._leashes.pop(leash)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self._ended.discard(pid)
        leash.close()


def _say(leash: socket.socket, number: int) -> None:
    try:
        leash.send(NUMBER.pack(number), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
    except OSError:
        return  # nobody listens any more; closing follows


if __name__ == "__main__":
    main()
