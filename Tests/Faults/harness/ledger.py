"""What was sent, what was acknowledged, what arrived: and what that says of the engine."""

import collections
import itertools
import time


UNDER_WAY = 3
"""How many seconds after its delivery a message may still be under way: as long as its acknowledgement may take."""


class Ledger:
    """Every message has a number. All times are of one monotonic clock."""

    def __init__(self):
        self.numbers = itertools.count()
        self.sent = {}
        """When each was handed in."""
        self.acknowledged = {}
        """When each was acknowledged."""
        self.refused = collections.Counter()
        """How many were refused, by status."""
        self.unknown = set()
        """Those whose connection broke before an answer."""
        self.deliveries = collections.defaultdict(list)
        """Each time that one arrived: (time, idempotency key, place in the last queue, whether the answer left)."""
        self.ends = []
        """When the engine was killed, or told to stop."""

    def next(self):
        number = next(self.numbers)
        self.sent[number] = time.monotonic()
        return number

    def undelivered(self):
        return [number for number in self.acknowledged if number not in self.deliveries]

    def verdict(self):
        """Figures, and what breaks a promise, in sentences."""
        problems = []
        lost = self.undelivered()
        if lost:
            problems.append(f"{len(lost)} acknowledged messages never arrived: {sorted(lost)[:10]}")
        strangers = [number for number in self.deliveries if number not in self.sent]
        if strangers:
            problems.append(f"{len(strangers)} messages arrived that nobody sent: {strangers[:10]}")
        again = doubled = 0
        for number, arrivals in self.deliveries.items():
            if len({key for _, key, _, _ in arrivals}) > 1:
                problems.append(f"message {number} arrived under several idempotency keys")
            if len({place for _, _, place, _ in arrivals}) > 1:
                problems.append(f"message {number} went from queue to queue more than once")
            for (first, _, _, answered), (second, _, _, _) in itertools.pairwise(sorted(arrivals)):
                again += 1
                # What was answered and still came again must have been under way when the engine ended.
                if answered and not any(end - UNDER_WAY <= first <= end <= second for end in self.ends):
                    doubled += 1
        if doubled:
            problems.append(f"{doubled} messages arrived again though nothing was under way at a kill")
        figures = {
            "sent": len(self.sent),
            "acknowledged": len(self.acknowledged),
            "refused": dict(self.refused),
            "unknown": len(self.unknown),
            "delivered": len(self.deliveries),
            "deliveries again": again,
        }
        return figures, problems
