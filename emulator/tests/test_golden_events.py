"""The documents of the golden events, in the emulator's domain: under the real template, none is refused, and the
mapping does not grow. What a document comes of is tested in __tests__/logstash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .test_domains import DomainTestCase

_ROOT = Path(__file__).parents[2]
_TEMPLATE = json.loads((_ROOT / "logstash/templates/skymanuals-template.json").read_text("utf-8"))


def _golden() -> list[dict[str, Any]]:
    """What Logstash sends: each document with what its input says of it."""
    files = sorted((_ROOT / "__tests__/fixtures/golden-events").glob("*.json"))
    source = {
        "log_group": "/ecs/skymanuals-api",
        "log_stream": "ecs/api/0123456789abcdef",
        "ingestion_time": "2026-11-25T10:30:01.750Z",
    }
    return [
        {
            **json.loads(file.read_text("utf-8"))["document"],
            "@version": "1",
            "cloudwatch_logs": {**source, "event_id": str(number)},
        }
        for number, file in enumerate(files)
    ]


class GoldenEventsTest(DomainTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls().ask("PUT", "/_template/skymanuals-logs", _TEMPLATE)

    @property
    def name(self) -> str:
        """An index of the test's own."""
        return f"skymanuals-logs-{self._testMethodName}"

    def index(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Results of one bulk request, as logstash-output-opensearch makes it."""
        lines = [
            line
            for document in documents
            for line in (
                {"index": {"_index": self.name, "_id": document["cloudwatch_logs"]["event_id"]}},
                document,
            )
        ]
        body = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        status, answer = self.ask("POST", "/_bulk", body, headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(status, 200, answer)
        return [item["index"] for item in answer["items"]]

    def fields(self) -> dict[str, Any]:
        properties: dict[str, Any] = self.ask("GET", f"/{self.name}/_mapping")[1][self.name]["mappings"]["properties"]
        return properties

    def count(self, query: dict[str, Any]) -> int:
        self.ask("POST", f"/{self.name}/_refresh")
        answer = self.ask("POST", f"/{self.name}/_search", {"size": 0, "track_total_hits": True, "query": query})[1]
        total: int = answer["hits"]["total"]["value"]
        return total

    def test_all_are_taken_and_the_mapping_does_not_grow(self) -> None:
        documents = _golden()
        self.assertGreater(len(documents), 30)
        results = self.index(documents)
        self.assertEqual([result for result in results if result["status"] not in (200, 201)], [])
        self.assertEqual(self.fields().keys(), _TEMPLATE["mappings"]["properties"].keys())
        # B10: events that are read again are the same documents.
        self.assertEqual({result["result"] for result in self.index(documents)}, {"updated"})
        self.assertEqual(self.count({"match_all": {}}), len(documents))
        self.assertEqual(self.count({"term": {"compliance.requiresReporting": True}}), 2)
        self.assertEqual(self.count({"match": {"compliance.text": "EASA"}}), 3)

    def test_what_the_checks_call_a_conflict_is_refused(self) -> None:
        """All but an object for responseTime: Elasticsearch 7.10 does not ignore it (Elasticsearch Reference,
        "ignore_malformed"), and the engine here does."""
        shapes: tuple[dict[str, Any], ...] = (
            {"status": {"code": 200}},
            {"compliance": "EASA"},
            {"compliance": {"requiresReporting": "perhaps"}},
            {"@timestamp": "yesterday"},
            {"level.name": "info"},
        )
        for number, shape in enumerate(shapes):
            with self.subTest(shape=shape):
                (result,) = self.index([{"cloudwatch_logs": {"event_id": f"refused-{number}"}, **shape}])
                self.assertEqual(result["status"], 400, result)

    def test_a_number_that_is_none_and_a_long_keyword_are_kept_and_not_searched(self) -> None:
        long = "x" * 40_000
        document = {"cloudwatch_logs": {"event_id": "kept"}, "responseTime": "41 ms", "userId": long}
        self.assertEqual(self.index([document])[0]["status"], 201)
        self.assertEqual(self.ask("GET", f"/{self.name}/_doc/kept")[1]["_source"], document)
        self.assertEqual(self.count({"term": {"userId": long}}), 0)
