"""Many clients at once: of those that may not all win, exactly one does."""

import json
import threading
import unittest

from case import Client, DaemonCase
from rawhttp import RawConnection, request

RACERS = 16
ROUNDS = 15


class Races(DaemonCase):
    def race(self, bodies):
        """Sends one append per connection, all released at once; returns statuses and answers."""
        gate = threading.Barrier(len(bodies))
        answers = [None] * len(bodies)

        def run(number):
            with RawConnection(self.daemon) as raw:
                data = request("POST", "/v1/events", json.dumps(bodies[number]))
                gate.wait(30)
                raw.send(data)
                status, _, body = raw.answer()
                answers[number] = (status, json.loads(body))
        threads = [threading.Thread(target=run, args=(i,)) for i in range(len(bodies))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertNotIn(None, answers)
        return answers

    def one_winner(self, answers, code):
        winners = [answer for status, answer in answers if status == 201]
        losers = [answer for status, answer in answers if status == 409]
        self.assertEqual((1, len(answers) - 1), (len(winners), len(losers)), answers)
        self.assertEqual({code}, {answer["code"] for answer in losers})
        return winners[0], losers

    def test_the_same_expected_sequence_has_one_winner(self):
        for turn in range(ROUNDS):
            answers = self.race([self.event("a", payload=i, expected_sequence=turn)
                                 for i in range(RACERS)])
            _, losers = self.one_winner(answers, "sequence_conflict")
            self.assertEqual({turn + 1}, {loser["conflicts"][0]["actual"] for loser in losers})
        self.assertEqual(list(range(1, ROUNDS + 1)), [event["sequence"] for event in self.mine()])

    def test_the_same_fail_if_match_has_one_winner(self):
        for turn in range(ROUNDS):
            tag = f"{self.kind}:seat-{turn}"
            answers = self.race([{
                "events": [self.event(f"buyer{i}", "reserved", tags=[tag])],
                "conditions": [{"fail_if_match": {"items": [
                    {"types": [f"{self.kind}.reserved"], "tags": [tag]}]}, "after": 0}],
            } for i in range(RACERS)])
            winner, losers = self.one_winner(answers, "condition_failed")
            self.assertEqual({winner["first_offset"]},
                             {loser["conflicts"][0]["conflict_offset"] for loser in losers})
            self.assertEqual(1, len(self.mine(tag=tag)))

    def test_a_write_skew_pair_has_one_winner(self):
        for turn in range(ROUNDS * 2):
            left, right = f"left{turn}", f"right{turn}"
            answers = self.race([
                {"events": [self.event(one)],
                 "conditions": [{"aggregate_type": self.kind, "aggregate_id": other,
                                 "sequence": 0}]}
                for one, other in ((left, right), (right, left))])
            self.one_winner(answers, "sequence_conflict")

    def test_the_same_id_from_many_is_written_once(self):
        for turn in range(ROUNDS):
            body = self.event("a", id=f"{self.kind}-{turn}", payload=turn)
            answers = self.race([body] * RACERS)
            self.assertEqual([200] * (RACERS - 1) + [201], sorted(s for s, _ in answers))
            self.assertEqual(1, len({answer["first_offset"] for _, answer in answers}))
        self.assertEqual(list(range(ROUNDS)), self.payloads())

    def test_members_that_race_for_a_group_get_one_active(self):
        for turn in range(ROUNDS):
            path = f"/v1/groups/{self.kind}-{turn}"
            self.ok(self.request("PUT", path, {"mode": "log"}), 201)
            statuses = []

            def join(member):
                client = Client(self.daemon)
                body = {"member": member, "wait_ms": 0}
                statuses.append(client.request("POST", path + "/fetch", body).status)
                client.close()
            threads = [threading.Thread(target=join, args=(f"m{i}",)) for i in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            self.assertEqual([200] + [409] * 5, sorted(statuses))

    def test_retries_across_a_restart_replay_the_same_receipts(self):
        batches = [[self.event(f"a{i % 5}", id=f"{self.kind}-{i}-{j}", expected_sequence="any"
                               if j == 0 else None) for j in range(3)] for i in range(40)]
        receipts = [self.append(batch) for batch in batches]
        keyed = self.append(self.event("k"), headers={"Idempotency-Key": self.kind})
        for restart in (self.daemon.restart, self.daemon.crash_and_restart):
            restart()
            self.client.close()
            for batch, receipt in zip(batches, receipts):
                again = self.append(batch, 200)
                self.assertEqual({**receipt, "replayed": True}, again)
            again = self.append(self.event("k"), 200, {"Idempotency-Key": self.kind})
            self.assertEqual(keyed["events"], again["events"])


if __name__ == "__main__":
    unittest.main()
