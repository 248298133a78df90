"""A domain answers at its endpoint: to whom it may, what Elasticsearch 7.10 of AWS answers, and nothing else."""

from __future__ import annotations

import http.client
import io
import json
import ssl
import time
import unittest
import zipfile
from typing import Any

import psutil  # type: ignore[import-untyped]
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator import osmem

from .support import ACCOUNT_ID, REGION, EmulatorWithDirectoryTestCase

_NAME = "logs"
_ARN = f"arn:aws:es:{REGION}:{ACCOUNT_ID}:domain/{_NAME}"
_BUCKET = "log-snapshots"
_LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _policy(**states: Any) -> dict[str, Any]:
    policy = {"description": "d", "default_state": "s", "states": [{"name": "s", "actions": [], "transitions": []}]}
    return {"policy": {**policy, **states}}


class DomainTestCase(EmulatorWithDirectoryTestCase):
    """Its tests share a domain."""

    es: Any
    endpoint: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.es = cls.server.client("es")
        cls.create()

    @classmethod
    def create(cls) -> None:
        created = cls.es.create_elasticsearch_domain(DomainName=_NAME, ElasticsearchVersion="7.10")
        cls.endpoint = created["DomainStatus"]["Endpoint"]

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        context = ssl.create_default_context(cafile=f"{self.directory.name}/local-ca.pem")
        connection = http.client.HTTPSConnection(self.endpoint, context=context, timeout=20)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null")
        finally:
            connection.close()

    def ask(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        key: str = "AKIAAAAAAAAAAAAAAAAA",
        secret: str = "dummy",
        region: str = REGION,
        service: str = "es",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """The answer to a signed request."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode() if document else b""
        sent = {"Content-Type": "application/json", **(headers or {})}
        request = AWSRequest(method=method, url=f"https://{self.endpoint}{path}", data=body, headers=sent)
        SigV4Auth(Credentials(key, secret), service, region).add_auth(request)
        return self.send(method, path, body, dict(request.headers.items()))

    def reason(self, method: str, path: str, document: Any = None) -> tuple[int, str]:
        status, answer = self.ask(method, path, document)
        return status, answer["error"]["reason"]


class AccessTest(DomainTestCase):
    def test_the_endpoint_is_reported_and_answers_as_elasticsearch_7_10(self) -> None:
        described = self.es.describe_elasticsearch_domain(DomainName=_NAME)["DomainStatus"]
        self.assertEqual(described["Endpoint"], self.endpoint)
        status, answer = self.ask("GET", "/")
        self.assertEqual((status, answer["version"]["number"]), (200, "7.10.2"))

    def test_a_request_needs_a_signature_for_this_service_and_region_by_a_key_of_the_run(self) -> None:
        elsewhere = self.ask("GET", "/", region="us-east-2")
        refused = {
            "User: anonymous is not authorized to perform: es:ESHttpGet": self.send("GET", "/", b"", {}),
            "Credential should be scoped to correct service: 'es'. ": self.ask("GET", "/", service="s3"),
            "Credential should be scoped to a valid region, not 'us-east-2'. ": elsewhere,
        }
        for message, answer in refused.items():
            self.assertEqual(answer, (403, {"Message": message}))
        status, answer = self.ask("GET", "/", secret="guessed")
        self.assertEqual(status, 403)
        self.assertIn("The request signature we calculated does not match", answer["Message"])

    def test_the_signature_covers_path_and_query(self) -> None:
        self.assertEqual(self.ask("GET", "/logs-*,x-*/_settings?allow_no_indices=true&flat_settings=true")[0], 200)

    def role(self, name: str, *statements: dict[str, Any]) -> str:
        """A role, and the key that its functions sign with."""
        iam = self.server.client("iam")
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(_LAMBDA))["Role"]["Arn"]
        self.addCleanup(iam.delete_role, RoleName=name)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=_document(*statements))
            self.addCleanup(iam.delete_role_policy, RoleName=name, PolicyName="p")
        return arn

    def as_function(self, role: str, method: str = "GET") -> Any:
        """What a function that runs as the role is answered; Node.js signs as the shared code does."""
        code = """const crypto = require('crypto');
const hash = (t) => crypto.createHash('sha256').update(t).digest('hex');
const mac = (k, t) => crypto.createHmac('sha256', k).update(t).digest();
exports.handler = async ({ endpoint, method }) => {
  const at = new Date().toISOString().replace(/[-:]|\\.\\d+/g, ''), day = at.slice(0, 8), e = process.env;
  const scope = `${day}/${e.AWS_REGION}/es/aws4_request`;
  const head = [`host:${endpoint}`, `x-amz-date:${at}`, '', 'host;x-amz-date'];
  const request = [method, '/', '', ...head, hash('')].join('\\n');
  let key = 'AWS4' + e.AWS_SECRET_ACCESS_KEY;
  for (const part of scope.split('/')) key = mac(key, part);
  const signature = mac(key, ['AWS4-HMAC-SHA256', at, scope, hash(request)].join('\\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${e.AWS_ACCESS_KEY_ID}/${scope}, ` +
    `SignedHeaders=host;x-amz-date, Signature=${signature}`;
  const answer = await fetch(`https://${endpoint}/`, { method, headers: { authorization, 'x-amz-date': at } });
  return { status: answer.status, body: await answer.json() };
};"""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("index.js", code)
        client = self.server.client("lambda")
        client.create_function(
            FunctionName="f",
            Role=role,
            Runtime="nodejs22.x",
            Handler="index.handler",
            Code={"ZipFile": file.getvalue()},
            Timeout=20,
        )
        try:
            event = json.dumps({"endpoint": self.endpoint, "method": method})
            return json.load(client.invoke(FunctionName="f", Payload=event)["Payload"])
        finally:
            client.delete_function(FunctionName="f")

    def test_a_function_is_its_role_and_needs_an_allow_of_its_own_or_of_the_domain(self) -> None:
        role = self.role("r")
        answer = self.as_function(role)
        message = f"User: {role} is not authorized to perform: es:ESHttpGet on resource: {_ARN}/"
        self.assertEqual(answer, {"status": 403, "body": {"Message": message}})
        allow = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "es:ESHttp*", "Resource": f"{_ARN}/*"}
        self.es.update_elasticsearch_domain_config(DomainName=_NAME, AccessPolicies=_document(allow))
        self.assertEqual(self.as_function(role)["status"], 200)
        self.addCleanup(self.es.update_elasticsearch_domain_config, DomainName=_NAME, AccessPolicies="")
        deny = {**allow, "Effect": "Deny"}
        self.es.update_elasticsearch_domain_config(DomainName=_NAME, AccessPolicies=_document(allow, deny))
        self.assertEqual(self.as_function(role)["status"], 403)

    def test_a_role_with_a_policy_of_its_own_is_let_in_and_no_further_than_it_says(self) -> None:
        role = self.role("own", {"Effect": "Allow", "Action": ["es:ESHttpGet"], "Resource": [f"{_ARN}/*"]})
        self.assertEqual(self.as_function(role)["status"], 200)
        self.assertEqual(self.as_function(role, "DELETE")["status"], 403)

    def test_nobody_answers_for_a_deleted_domain(self) -> None:
        self.es.delete_elasticsearch_domain(DomainName=_NAME)
        with self.assertRaises(ConnectionRefusedError):
            self.send("GET", "/", b"", {})
        self.create()


class OperationsTest(DomainTestCase):
    def test_documents_are_stored_and_found_under_the_template_of_their_index(self) -> None:
        template = {"index_patterns": ["logs-*"], "mappings": {"properties": {"n": {"type": "long"}}}}
        self.assertEqual(self.ask("PUT", "/_template/t", template), (200, {"acknowledged": True}))
        lines = [{"index": {"_index": "logs-1", "_type": "_doc", "_id": "1"}}, {"n": 1}]
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        self.assertEqual(self.ask("POST", "/_bulk?refresh=true", body)[1]["errors"], False)
        self.assertEqual(self.ask("GET", "/logs-*/_search?q=n%3A1")[1]["hits"]["total"]["value"], 1)
        conflict = self.ask("PUT", "/logs-1/_doc/2", {"n": "many"})
        self.assertEqual((conflict[0], conflict[1]["error"]["type"]), (400, "mapper_parsing_exception"))

    def test_another_type_than_doc_is_refused(self) -> None:
        body = b'{"index":{"_index":"i","_type":"event"}}\n{}\n'
        self.assertEqual(self.ask("POST", "/_bulk", body)[0], 400)
        self.assertIn("more than 1 type: [_doc, event]", self.ask("POST", "/_bulk", body)[1]["error"]["reason"])

    def test_what_nobody_knows_is_refused(self) -> None:
        for method, path in (
            ("GET", "/_plugins/_ism/policies"),
            ("GET", "/_osmem/stats"),
            ("GET", "/_opendistro/_security/api"),
            ("GET", "/_ilm/policy"),
            ("POST", "/_snapshot/r/s/_restore"),
            ("POST", "/logs/_rollover"),
        ):
            with self.subTest(path):
                status, answer = self.ask(method, path)
                self.assertEqual(status, 400)
                self.assertEqual(answer["error"], f"no handler found for uri [{path}] and method [{method}]")

    def test_a_policy_is_changed_by_who_knows_what_stands(self) -> None:
        path = "/_opendistro/_ism/policies/p"
        self.assertEqual(self.reason("GET", path), (404, "Policy not found"))
        status, created = self.ask("PUT", path, _policy())
        self.assertEqual((status, created["_version"]), (201, 1))
        self.assertEqual(self.reason("PUT", path, _policy())[0], 409)
        known = f"if_seq_no={created['_seq_no']}&if_primary_term={created['_primary_term']}"
        self.assertEqual(self.ask("PUT", f"{path}?{known}", _policy(description="new"))[0], 200)
        self.assertEqual(self.reason("PUT", f"{path}?{known}", _policy())[0], 409)
        stands = self.ask("GET", path)[1]
        self.assertEqual((stands["_version"], stands["policy"]["description"]), (2, "new"))

    def test_policies_with_slips_are_refused(self) -> None:
        def states(*actions: Any, transitions: Any = ()) -> list[dict[str, Any]]:
            return [{"name": "s", "actions": list(actions), "transitions": list(transitions)}]

        no_unit = (
            "failed to parse setting [min_index_age] with value [30] as a time value: unit is missing or unrecognized"
        )
        slips: dict[str, dict[str, Any]] = {
            "Invalid field: [state] found in Policy.": {"state": 1},
            "Invalid field: [shrink] found in Action.": {"states": states({"shrink": {}})},
            "max_num_segments is null": {"states": states({"force_merge": {}})},
            "Policy must have a valid default state": {"default_state": "x"},
            "Policy contains a transition in state=s pointing to a nonexistent state=t": {
                "states": states(transitions=[{"state_name": "t"}])
            },
            no_unit: {"states": states(transitions=[{"state_name": "s", "conditions": {"min_index_age": "30"}}])},
        }
        for message, slip in slips.items():
            with self.subTest(message):
                answer = self.reason("PUT", "/_opendistro/_ism/policies/slip", _policy(**slip))
                self.assertEqual(answer, (400, message))

    def test_indices_take_the_policy_that_was_there_before_them_and_others_are_given_it(self) -> None:
        self.ask("PUT", "/old-logs")
        time.sleep(0.01)
        self.ask("PUT", "/_opendistro/_ism/policies/attached", _policy(ism_template={"index_patterns": ["*-logs"]}))
        time.sleep(0.01)
        self.ask("PUT", "/new-logs")
        explained = self.ask("GET", "/_opendistro/_ism/explain/*-logs")[1]
        id_ = "index.opendistro.index_state_management.policy_id"
        self.assertEqual(
            {name: each[id_] for name, each in explained.items()}, {"old-logs": None, "new-logs": "attached"}
        )
        added = self.ask("POST", "/_opendistro/_ism/add/*-logs", {"policy_id": "attached"})[1]
        self.assertEqual((added["updated_indices"], added["failures"]), (1, True))
        changed = self.ask("POST", "/_opendistro/_ism/change_policy/*-logs", {"policy_id": "attached"})[1]
        self.assertEqual((changed["updated_indices"], changed["failures"]), (2, False))

    def test_a_repository_needs_a_bucket_and_a_role_that_the_service_may_take(self) -> None:
        role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/snapshots"
        settings = {"bucket": _BUCKET, "region": REGION, "role_arn": role_arn}
        body = {"type": "s3", "settings": settings}
        self.assertEqual(
            self.reason("PUT", "/_snapshot/r", body),
            (400, f"The service may not assume the role {role_arn}"),
        )
        iam = self.server.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName="snapshots", AssumeRolePolicyDocument=_document(trust))
        self.assertIn("lacks a bucket of that name", self.reason("PUT", "/_snapshot/r", body)[1])
        self.server.client("s3").create_bucket(
            Bucket="log-snapshots", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.assertIn("lacks s3:ListBucket, s3:GetObject", self.reason("PUT", "/_snapshot/r", body)[1])
        allow = {
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::log-snapshots", "arn:aws:s3:::log-snapshots/*"],
        }
        iam.put_role_policy(RoleName="snapshots", PolicyName="p", PolicyDocument=_document(allow))
        self.assertEqual(self.ask("PUT", "/_snapshot/r", body), (200, {"acknowledged": True}))
        self.assertEqual(self.ask("GET", "/_snapshot/r"), (200, {"r": body}))
        self.assertEqual(self.ask("PUT", "/_snapshot/cs-own", body)[0], 403)

    def upload(self, *objects: dict[str, Any], query: str = "", xsrf: bool = True) -> tuple[int, Any]:
        lines = "\n".join(json.dumps(each) for each in objects)
        part = 'Content-Disposition: form-data; name="file"; filename="x.ndjson"\r\nContent-Type: application/ndjson'
        body = f"--b\r\n{part}\r\n\r\n{lines}\r\n--b--\r\n".encode()
        headers = {"Content-Type": "multipart/form-data; boundary=b", **({"kbn-xsrf": "true"} if xsrf else {})}
        return self.ask("POST", f"/_plugin/kibana/api/saved_objects/_import{query}", body, headers=headers)

    def test_saved_objects_are_imported_whole_or_not_at_all(self) -> None:
        pattern = {"type": "index-pattern", "id": "p", "attributes": {"title": "logs-*"}, "references": []}
        reference = {"name": "n", "type": "index-pattern", "id": "p"}
        search = {"type": "search", "id": "s", "attributes": {"title": "t"}, "references": [reference]}
        self.assertEqual(self.upload(search, xsrf=False)[0], 400)
        self.assertEqual(self.upload(search)[1]["errors"][0]["error"]["type"], "missing_references")
        self.assertEqual(
            self.upload(pattern, search, {"exportedCount": 2}), (200, {"success": True, "successCount": 2})
        )
        self.assertEqual(self.upload(pattern)[1]["errors"][0]["error"], {"type": "conflict"})
        self.assertEqual(self.upload(pattern, query="?overwrite=true")[1]["success"], True)
        unknown = {**search, "attributes": {"title": "t", "colour": "red"}}
        self.assertIn("introduction of [colour]", json.dumps(self.upload(unknown, query="?overwrite=true")[1]))
        newer = {**search, "migrationVersion": {"search": "7.12.0"}}
        self.assertEqual(self.upload(newer, query="?overwrite=true")[0], 422)
        found = self.ask(
            "POST",
            "/_plugin/kibana/api/saved_objects/_bulk_get",
            [{"type": "search", "id": "s"}, {"type": "search", "id": "none"}],
            headers={"kbn-xsrf": "true"},
        )[1]["saved_objects"]
        self.assertEqual(found[0]["references"], [reference])
        self.assertEqual(found[1]["error"]["statusCode"], 404)


class EndTest(DomainTestCase):
    def test_the_engine_starts_with_the_first_request_that_needs_it_and_ends_with_the_domain(self) -> None:
        emulator = psutil.Process(self.server.process.pid)
        self.assertEqual(self.ask("GET", "/")[0], 200)
        self.assertEqual(emulator.children(), [])
        self.ask("GET", "/_search")
        (engine,) = emulator.children()
        self.es.delete_elasticsearch_domain(DomainName=_NAME)
        self.assertFalse(engine.is_running())
        self.create()
        self.ask("GET", "/_search")
        (engine,) = emulator.children()
        self.server.stop()
        engine.wait(timeout=10)


class WithoutEngineTest(unittest.TestCase):
    def test_templates_are_kept_and_all_else_is_refused_with_the_reason(self) -> None:
        program, osmem._program = osmem._program, _raise_missing  # type: ignore[assignment]
        self.addCleanup(setattr, osmem, "_program", program)
        engine = osmem.Engine()
        self.assertFalse(osmem.is_there())
        self.assertEqual(engine.ask("PUT", "/_template/t", b'{"index_patterns":["x"]}').status, 200)
        self.assertEqual(json.loads(engine.ask("GET", "/_template/t").body)["t"]["index_patterns"], ["x"])
        with self.assertRaisesRegex(osmem.Missing, "no osmem-server"):
            engine.ask("GET", "/_search")


def _raise_missing() -> None:
    raise osmem.Missing(osmem.MISSING)
