"""PostgreSQL and the daemon die, hang and come back while events are appended: at the end every
event is there once, with its content."""

import time
import unittest

import setting  # noqa: F401
from daemon import poll
from daybook import Appender
from faults import strike, suspended
from postgres_case import PostgresCase


SUMS = {"table": "sums", "columns": {"kind": "text", "events": "bigint", "total": "numeric"},
        "key": {"kind": "/event_type"},
        "on": [{"event_type": "task.*", "increment": {"events": 1, "total": "/payload/n"}}]}


def sums_of(events):
    totals = {}
    for event in events:
        totals.setdefault(event["event_type"], []).append(event["payload"]["n"])
    return [[kind, str(len(each)), str(sum(each))] for kind, each in sorted(totals.items())]


class PostgresFaults(PostgresCase):
    def test_whatever_dies_every_event_is_there_once(self):
        daemon = self.daemon()
        daemon.ask("PUT", "/v1/projections/sums", SUMS)
        appender = Appender(daemon)
        strike([self.postgres.crash_and_restart, self.postgres.restart,
                lambda: self.postgres.terminate_backends(self.database),
                daemon.crash_and_restart, suspended(self.postgres, appender)], appender)
        acknowledged = appender.finish()
        self.same_as_the_log(daemon)
        events = daemon.events()
        self.assertLessEqual(set(acknowledged), {event["id"] for event in events})
        daemon.wait_posted("sums")
        self.assertEqual(
            sums_of(events), self.sql("select kind, events, total from sums order by kind"))

    def test_a_rebuild_outlives_faults_and_nobody_sees_a_part_of_it(self):
        daemon = self.daemon()
        much = Appender(daemon, pause=0)
        much.more(30_000)
        much.finish()
        posted = daemon.wait_posted()
        appender = Appender(daemon)
        daemon.ask("POST", "/v1/projections/postgres/rebuild")
        poll(lambda: self.sql("select 1 from daybook.checkpoints where name <> 'postgres' or "
                              "generation = 2"), what="the begin of the build")
        for fault in (daemon.crash_and_restart, self.postgres.crash_and_restart,
                      lambda: self.postgres.terminate_backends(self.database)):
            appender.more(100)
            fault()
            self.assertLessEqual(posted, int(self.sql("select count(*) from daybook.events")[0][0]))
        poll(lambda: daemon.projection()["generation"] == 2, 60, "the new tables")
        appender.finish()
        poll(lambda: daemon.projection()["build"] is None, what="the end of the build")
        self.same_as_the_log(daemon)

    def test_a_server_that_hangs_holds_no_append_up(self):
        daemon = self.daemon()
        appender = Appender(daemon, pause=0)
        appender.more(2000)

        def seconds_of(count):
            began = time.monotonic()
            appender.more(count)
            return time.monotonic() - began

        with_it = seconds_of(5000)
        self.postgres.suspend()
        try:
            without_it = seconds_of(5000)
        finally:
            self.postgres.resume()
        appender.finish()
        self.assertLess(without_it, 3 * with_it + 2)
        self.same_as_the_log(daemon)


if __name__ == "__main__":
    unittest.main()
