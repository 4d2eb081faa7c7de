"""What the tests about PostgreSQL share: a server, databases, and the comparison with the log."""

import itertools
import unittest

from daybook import PostingDaemon, aggregate_hashes
from servers import Postgres

# `aggregate_hashes` gives the same of the log. (jsonb spells an object with its shortest names
# first, as the payloads of `Appender` have them.)
HASHES = """
select aggregate_type, aggregate_id, count(*),
       md5(string_agg(sequence || ' ' || id || ' ' || payload::text, E'\\n' order by sequence))
from daybook.events group by 1, 2 order by 1, 2"""

AGGREGATES_THAT_DIFFER = """
with counted as (select aggregate_type, aggregate_id, max(sequence), count(*)
                 from daybook.events group by 1, 2),
     shown as (select aggregate_type, aggregate_id, head, event_count from daybook.aggregates)
(table counted except table shown) union all (table shown except table counted)"""


class PostgresCase(unittest.TestCase):
    """One server for the class, a database of its own for each test."""

    maxDiff = 2000
    names = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)

    def setUp(self):
        self.database = f"events{next(self.names)}"
        self.url = self.postgres.create_database(self.database)

    def daemon(self, url=None, **options):
        daemon = PostingDaemon({"postgres.url": url or self.url}, **options)
        self.addCleanup(daemon.close)
        return daemon

    def sql(self, text):
        return self.postgres.sql(text, self.database)

    def same_as_the_log(self, daemon):
        """Every event is there once, with its content."""
        head = str(daemon.wait_posted())
        self.assertEqual([[head, head, "1", head]], self.sql(
            "select count(*), count(distinct log_offset), min(log_offset), max(log_offset) "
            "from daybook.events"))
        self.assertEqual(aggregate_hashes(daemon.events()), self.sql(HASHES))
        self.assertEqual([], self.sql(AGGREGATES_THAT_DIFFER))
        self.assertEqual([], self.sql("select * from daybook.failures"))
