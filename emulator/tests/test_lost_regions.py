"""A region that is lost refuses, at all of its endpoints, and what other regions have goes on."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .postgres_login import login
from .support import EmulatorWithDirectoryTestCase

_LOST, _OTHER = "us-east-1", "us-west-2"
_PASSWORD = "passwordpassword"


class LostRegionTest(EmulatorWithDirectoryTestCase):
    def setUp(self) -> None:
        self.addCleanup(self.server.control, "DELETE", "lost-regions")

    def lose(self) -> None:
        self.server.control("POST", "lost-regions", {"region": _LOST})

    def give_back(self) -> None:
        self.server.control("DELETE", "lost-regions")

    def status(self, call: Any, **parameters: Any) -> int:
        try:
            return int(call(**parameters)["ResponseMetadata"]["HTTPStatusCode"])
        except ClientError as refusal:
            return int(refusal.response["ResponseMetadata"]["HTTPStatusCode"])

    def test_requests_to_the_region_are_refused_and_others_answered(self) -> None:
        lost, other = self.server.client("sqs", _LOST), self.server.client("sqs", _OTHER)
        self.lose()
        self.assertEqual(self.status(lost.list_queues), 503)
        self.assertEqual(self.status(other.list_queues), 200)
        for service, operation in (("iam", "list_roles"), ("route53", "list_hosted_zones")):
            self.assertEqual(self.status(getattr(self.server.client(service, _LOST), operation)), 200)
        firewall = self.server.client("wafv2", _LOST)
        self.assertEqual(self.status(firewall.list_web_acls, Scope="CLOUDFRONT"), 200)
        self.assertEqual(self.status(firewall.list_web_acls, Scope="REGIONAL"), 503)
        [entry] = self.server.control("GET", "lost-regions")
        self.assertEqual(entry["region"], _LOST)
        self.give_back()
        self.assertEqual(self.server.control("GET", "lost-regions"), [])
        self.assertEqual(self.status(lost.list_queues), 200)

    def test_services_that_are_kept_go_on(self) -> None:
        self.server.control("POST", "lost-regions", {"region": _LOST, "keeps": ["acm"]})
        self.assertEqual(self.status(self.server.client("acm", _LOST).list_certificates), 200)
        self.assertEqual(self.status(self.server.client("sqs", _LOST).list_queues), 503)

    def test_a_bucket_is_lost_with_its_region_wherever_it_is_asked_from(self) -> None:
        here, there = self.server.client("s3", _LOST), self.server.client("s3", _OTHER)
        here.create_bucket(Bucket="lost")
        there.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": _OTHER})
        self.lose()
        for client in (here, there):
            self.assertEqual(self.status(client.list_objects_v2, Bucket="lost"), 503)
            self.assertEqual(self.status(client.list_objects_v2, Bucket="kept"), 200)

    def test_a_database_ends_its_connections_and_takes_no_more(self) -> None:
        instance = self.server.client("rds", _LOST).create_db_instance(
            DBInstanceIdentifier="lost",
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            EngineVersion="15",
            AllocatedStorage=100,
            MasterUsername="skymanuals",
            MasterUserPassword=_PASSWORD,
            DBName="skymanuals",
        )["DBInstance"]
        authority = Path(self.directory.name, "local-ca.pem")
        endpoint = instance["Endpoint"]["Address"], instance["Endpoint"]["Port"]
        login(*endpoint, "skymanuals", _PASSWORD, "skymanuals", authority)
        self.lose()
        with self.assertRaises(OSError):
            login(*endpoint, "skymanuals", _PASSWORD, "skymanuals", authority)
        self.give_back()
        login(*endpoint, "skymanuals", _PASSWORD, "skymanuals", authority)

    def test_a_cache_and_a_domain_take_no_connections(self) -> None:
        caches = self.server.client("elasticache", _LOST)
        caches.create_replication_group(
            ReplicationGroupId="lost",
            ReplicationGroupDescription="lost",
            NumCacheClusters=2,
            AuthToken="token-" + "a" * 16,
            TransitEncryptionEnabled=True,
        )
        [group] = caches.describe_replication_groups(ReplicationGroupId="lost")["ReplicationGroups"]
        cache = group["NodeGroups"][0]["PrimaryEndpoint"]
        created = self.server.client("es", _LOST).create_elasticsearch_domain(
            DomainName="lost", ElasticsearchVersion="7.10"
        )
        host, _, port = created["DomainStatus"]["Endpoint"].partition(":")
        endpoints = [(cache["Address"], cache["Port"]), (host, int(port))]
        for endpoint in endpoints:
            self.greet(*endpoint)
        self.lose()
        for endpoint in endpoints:
            with self.subTest(endpoint), self.assertRaises(OSError):
                self.greet(*endpoint)
        self.give_back()
        for endpoint in endpoints:
            self.greet(*endpoint)

    def greet(self, host: str, port: int) -> None:
        """Raises OSError where nobody answers the greeting of TLS."""
        context = ssl.create_default_context(cafile=f"{self.directory.name}/local-ca.pem")
        connection = http.client.HTTPSConnection(host, port, context=context, timeout=20)
        connection.connect()
        connection.close()

    def test_a_region_must_be_named(self) -> None:
        documents: list[Any] = [{}, {"region": ""}, [], {"region": _LOST, "keeps": "acm"}]
        for document in documents:
            with self.subTest(document=document), self.assertRaises(urllib.error.HTTPError) as refused:
                self.server.control("POST", "lost-regions", document)
            refused.exception.close()
            self.assertEqual(refused.exception.code, 400)
