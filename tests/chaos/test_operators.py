"""What operators do to PostgreSQL, on purpose or not."""

import os
import shutil
import unittest

import setting  # noqa: F401
from daemon import poll
from daybook import Appender, Refused
from postgres_case import PostgresCase


class Operators(PostgresCase):
    def filled(self, daemon, count=500):
        appender = Appender(daemon)
        appender.more(count)
        appender.finish()
        return daemon

    def test_a_server_that_comes_later_gets_everything(self):
        self.postgres.stop()
        try:
            daemon = self.filled(self.daemon())
            failing = daemon.wait_phase("failing")
            with self.assertRaises(Refused) as refused:
                daemon.ask("GET", "/v1/projections/postgres/failures")
        finally:
            self.postgres.start()
        self.assertEqual("target_unavailable", refused.exception.code)
        self.assertIsNone(failing["checkpoint"])
        self.assertIn("refused", failing["trouble"])
        self.same_as_the_log(daemon)

    def test_another_log_does_not_write_into_the_database(self):
        first = self.filled(self.daemon())
        self.same_as_the_log(first)
        other = self.filled(self.daemon())
        other.wait_phase("standby")
        first.terminate()
        self.assertIn("log", other.wait_phase("failing")["trouble"])
        first.start()
        self.filled(first)
        self.same_as_the_log(first)

    def test_of_two_daemons_with_one_log_one_writes_and_the_other_takes_over(self):
        first = self.filled(self.daemon())
        first.wait_posted()
        first.terminate()
        copy = first.root / "copy"
        shutil.copytree(first.data_dir, copy)
        first.start()
        first.wait_phase("following")
        second = self.daemon(data_dir=copy)
        self.assertTrue(second.wait_phase("standby")["trouble"])
        first.kill9()
        second.wait_phase("following")
        self.filled(second)
        self.same_as_the_log(second)
        first.start()
        first.wait_phase("standby")

    def test_tables_that_were_dropped_are_built_again(self):
        daemon = self.filled(self.daemon())
        daemon.wait_posted()
        self.sql("drop table daybook.events_g1 cascade")
        self.filled(daemon)
        poll(lambda: daemon.projection()["generation"] == 2, 60, "new tables")
        daemon.wait_phase("following")
        self.same_as_the_log(daemon)

    def test_a_changed_password_is_read_from_the_password_file(self):
        password_file = self.postgres.root / "passwords"

        def give(password):
            password_file.write_text(f"*:*:*:daybook:{password}\n", encoding="ascii")
            password_file.chmod(0o600)

        give("the-old-one")
        self.sql("alter role daybook password 'the-old-one'")
        self.postgres.set_authentication("scram-sha-256")
        self.addCleanup(self.postgres.set_authentication, "trust")
        daemon = self.filled(self.daemon(
            environment={**os.environ, "PGPASSFILE": str(password_file)}))
        daemon.wait_posted()
        self.sql("alter role daybook password 'the-new-one'")
        self.postgres.terminate_backends(self.database)
        self.filled(daemon)
        self.assertIn("password authentication failed", daemon.wait_phase("failing")["trouble"])
        give("the-new-one")
        self.same_as_the_log(daemon)
        for password in ("the-old-one", "the-new-one"):
            self.assertNotIn(password, daemon.log(1 << 20))


if __name__ == "__main__":
    unittest.main()
