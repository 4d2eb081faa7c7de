"""The servers themselves: what the other tests do to them does what it says."""

import unittest

import setting  # noqa: F401
from servers import Postgres, Redis, Resp


class PostgresServer(unittest.TestCase):
    def test_it_keeps_what_it_has_over_every_end_and_answers_again(self):
        server = Postgres()
        self.addCleanup(server.close)
        server.create_database("here")
        server.sql("create table kept (n int)", "here")
        for number, end in enumerate((server.restart, server.crash_and_restart,
                                      server.crash_and_restart)):
            server.sql(f"insert into kept values ({number})", "here")
            end()
        self.assertEqual([["0"], ["1"], ["2"]], server.sql("select n from kept order by n", "here"))
        server.suspend()
        self.assertFalse(server.answers())
        server.resume()
        self.assertTrue(server.answers())
        self.assertEqual(0, server.terminate_backends("here"))

    def test_its_role_may_have_to_show_a_password(self):
        server = Postgres()
        self.addCleanup(server.close)
        server.sql("alter role daybook password 'right'")
        server.set_authentication("scram-sha-256")
        self.assertEqual("1", server.value("select 1"))
        with self.assertRaisesRegex(RuntimeError, "password"):
            server.run("psql", "-w", "-c", "select 1", server.url("postgres"))


class RedisServer(unittest.TestCase):
    def test_it_keeps_a_stream_over_a_kill_and_cuts_a_client_by_name(self):
        server = Redis()
        self.addCleanup(server.close)
        self.assertEqual("7-0", server.ask("XADD", "s", "7-0", "a", "é"))
        server.crash_and_restart()
        self.assertEqual([["7-0", ["a", "é"]]], server.ask("XRANGE", "s", "-", "+"))
        self.assertIsNone(server.ask("GET", "none"))
        with Resp(server.port) as client:
            client.send("CLIENT", "SETNAME", "somebody")
            self.assertEqual("OK", client.receive())
            self.assertEqual(1, server.cut("somebody"))
            with self.assertRaises((EOFError, ConnectionError)):
                client.receive()
        with self.assertRaisesRegex(RuntimeError, "unknown command"):
            server.ask("NOTHING")


if __name__ == "__main__":
    unittest.main()
