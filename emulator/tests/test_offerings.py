"""What is asked before an apply: what AWS offers, and how much of it."""

from __future__ import annotations

import urllib.error
from typing import Any

from .support import ACCOUNT_ID, EmulatorTestCase


class OfferingsTestCase(EmulatorTestCase):
    region = "us-east-1"

    def client(self, service: str) -> Any:
        return self.server.client(service, self.region)

    def refusal(self, call: Any, **params: Any) -> tuple[str, str]:
        with self.assertRaises(call.__self__.exceptions.ClientError) as caught:
            call(**params)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]


class DatabaseTest(OfferingsTestCase):
    def options(self, **params: Any) -> list[dict[str, Any]]:
        pages = self.client("rds").get_paginator("describe_orderable_db_instance_options")
        found = pages.paginate(Engine="postgres", **params)
        return [option for page in found for option in page["OrderableDBInstanceOptions"]]

    def test_classes_of_a_version_and_their_zones(self) -> None:
        options = self.options(EngineVersion="15.14", DBInstanceClass="db.t3.medium")
        self.assertEqual([option["StorageType"] for option in options], ["gp2", "gp3", "io1"])
        zones = [zone["Name"] for zone in options[0]["AvailabilityZones"]]
        self.assertIn("us-east-1a", zones)
        # Its id is use1-az3.
        self.assertNotIn("us-east-1e", zones)
        self.assertEqual(self.options(EngineVersion="15.99"), [])
        self.assertEqual(self.options(EngineVersion="15.14", DBInstanceClass="db.m3.large"), [])
        classes = {option["DBInstanceClass"] for option in self.options(EngineVersion="15.14")}
        self.assertGreater(len(classes), 100)
        self.assertLessEqual({"db.t4g.micro", "db.m6g.large", "db.r5.24xlarge"}, classes)

    def test_versions_that_databases_are_made_with(self) -> None:
        client = self.client("rds")
        versions = client.describe_db_engine_versions(Engine="postgres", EngineVersion="15")["DBEngineVersions"]
        names = [version["EngineVersion"] for version in versions]
        self.assertIn("15.14", names)
        self.assertNotIn("15.4", names)
        self.assertEqual({version["DBParameterGroupFamily"] for version in versions}, {"postgres15"})
        default = client.describe_db_engine_versions(Engine="postgres", EngineVersion="15", DefaultOnly=True)
        self.assertEqual([version["EngineVersion"] for version in default["DBEngineVersions"]], ["15.14"])

    def test_what_is_not_sold_is_refused(self) -> None:
        create = self.client("rds").create_db_instance
        given = {"DBInstanceIdentifier": "d", "Engine": "postgres", "AllocatedStorage": 20}
        self.assertEqual(
            self.refusal(create, **given, EngineVersion="15.99", DBInstanceClass="db.t3.micro"),
            ("InvalidParameterCombination", "Cannot find version 15.99 for postgres"),
        )
        code, message = self.refusal(create, **given, EngineVersion="15", DBInstanceClass="db.m3.large")
        self.assertEqual(code, "InvalidParameterCombination")
        self.assertIn("DBInstanceClass=db.m3.large, Engine=postgres, EngineVersion=15.14", message)
        create(**given, EngineVersion="15.4", DBInstanceClass="db.t3.micro")
        modify = self.client("rds").modify_db_instance
        self.assertIn("db.m3.large", self.refusal(modify, DBInstanceIdentifier="d", DBInstanceClass="db.m3.large")[1])
        modify(DBInstanceIdentifier="d", BackupRetentionPeriod=3)


class CacheTest(OfferingsTestCase):
    def test_node_types(self) -> None:
        client = self.client("elasticache")
        pages = client.get_paginator("describe_reserved_cache_nodes_offerings").paginate()
        types = {each["CacheNodeType"] for page in pages for each in page["ReservedCacheNodesOfferings"]}
        self.assertLessEqual({"cache.t3.micro", "cache.m6g.large"}, types)
        one = client.describe_reserved_cache_nodes_offerings(CacheNodeType="cache.t3.micro")
        self.assertEqual(len(one["ReservedCacheNodesOfferings"]), 1)
        none = client.describe_reserved_cache_nodes_offerings(CacheNodeType="cache.m3.micro")
        self.assertEqual(none["ReservedCacheNodesOfferings"], [])
        group = {"ReplicationGroupId": "r", "ReplicationGroupDescription": "d"}
        refused = self.refusal(client.create_replication_group, **group, CacheNodeType="cache.m3.micro")
        self.assertEqual(refused, ("InvalidParameterValue", "Invalid Cache Node Type: cache.m3.micro."))


class LogStoreTest(OfferingsTestCase):
    def test_instance_types_and_their_limits(self) -> None:
        client = self.client("es")
        pages = client.get_paginator("list_elasticsearch_instance_types").paginate(ElasticsearchVersion="7.10")
        types = [each for page in pages for each in page["ElasticsearchInstanceTypes"]]
        self.assertIn("t3.small.elasticsearch", types)
        self.assertNotIn("t3.nano.elasticsearch", types)
        describe = client.describe_elasticsearch_instance_type_limits
        version = {"ElasticsearchVersion": "7.10"}
        limits = describe(**version, InstanceType="t3.small.elasticsearch")["LimitsByRole"]["data"]
        self.assertEqual([each["StorageSubTypeName"] for each in limits["StorageTypes"]], ["gp2", "gp3"])
        self.assertEqual(
            limits["StorageTypes"][0]["StorageTypeLimits"][1],
            {"LimitName": "MaximumVolumeSize", "LimitValues": ["100"]},
        )
        refused = self.refusal(describe, **version, InstanceType="t3.nano.elasticsearch")
        self.assertEqual(refused[0], "InvalidTypeException")
        cluster = {"InstanceType": "t3.nano.elasticsearch", "InstanceCount": 1}
        create = client.create_elasticsearch_domain
        refused = self.refusal(create, DomainName="domain", ElasticsearchClusterConfig=cluster)
        self.assertEqual(refused, ("ValidationException", "Invalid instance type: t3.nano.elasticsearch"))


class QuotaTest(OfferingsTestCase):
    def value(self, code: str, service: str) -> float:
        quota = self.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
        return float(quota["Value"])

    def test_an_increase_is_applied_and_the_default_stays(self) -> None:
        client = self.client("service-quotas")
        self.assertEqual(self.value("L-0263D0A3", "ec2"), 5)
        wanted = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
        requested = client.request_service_quota_increase(**wanted, DesiredValue=20)["RequestedQuota"]
        self.assertEqual((requested["Status"], requested["QuotaName"]), ("APPROVED", "EC2-VPC Elastic IPs"))
        self.assertEqual(self.value("L-0263D0A3", "ec2"), 20)
        self.assertEqual(client.get_aws_default_service_quota(**wanted)["Quota"]["Value"], 5)
        refused = self.refusal(client.request_service_quota_increase, **wanted, DesiredValue=9)
        self.assertIn("greater than 20", refused[1])

    def test_lists_and_what_does_not_exist(self) -> None:
        client = self.client("service-quotas")
        quotas = {each["QuotaCode"]: each["Value"] for each in client.list_service_quotas(ServiceCode="vpc")["Quotas"]}
        self.assertEqual((quotas["L-0EA8095F"], quotas["L-FE5A380F"], quotas["L-F678F1CE"]), (60, 5, 5))
        for service, code in (("nothing", "L-1"), ("vpc", "L-1")):
            refused = self.refusal(client.get_service_quota, ServiceCode=service, QuotaCode=code)
            self.assertEqual(refused[0], "NoSuchResourceException")

    def test_an_account_may_have_less_than_the_default(self) -> None:
        quota = {"service": "fargate", "code": "L-3032A538", "region": self.region}
        self.assertEqual(self.value("L-3032A538", "fargate"), 256)
        self.server.control("POST", "quotas", {**quota, "value": 6})
        self.assertEqual(self.value("L-3032A538", "fargate"), 6)
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.server.control("POST", "quotas", {**quota, "code": "L-1", "value": 6})
        self.assertIn(b"service and code must name a quota: vpc L-F678F1CE", caught.exception.read())
        caught.exception.close()


class AccountTest(OfferingsTestCase):
    def test_a_bucket_of_another_account_is_forbidden_and_its_name_taken(self) -> None:
        s3 = self.client("s3")
        self.assertEqual(self.refusal(s3.head_bucket, Bucket="free-name")[0], "404")
        self.server.control("POST", "other-accounts-buckets", {"name": "taken-name"})
        with self.assertRaises(s3.exceptions.ClientError) as caught:
            s3.head_bucket(Bucket="taken-name")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)
        self.assertEqual(self.refusal(s3.create_bucket, Bucket="taken-name")[0], "BucketAlreadyExists")

    def test_zones_have_ids(self) -> None:
        zones = self.client("ec2").describe_availability_zones()["AvailabilityZones"]
        ids = {zone["ZoneName"]: zone["ZoneId"] for zone in zones}
        self.assertEqual(ids["us-east-1e"], "use1-az3")

    def test_a_secret_that_waits_to_be_deleted_says_so(self) -> None:
        client = self.client("secretsmanager")
        client.create_secret(Name="s", SecretString="x")
        self.assertNotIn("DeletedDate", client.describe_secret(SecretId="s"))
        client.delete_secret(SecretId="s")
        self.assertIn("DeletedDate", client.describe_secret(SecretId="s"))

    def test_a_role_that_is_there_and_one_that_is_not(self) -> None:
        client = self.client("iam")
        name = "AWSServiceRoleForAmazonElasticsearchService"
        self.assertEqual(self.refusal(client.get_role, RoleName=name)[0], "NoSuchEntity")
        client.create_service_linked_role(AWSServiceName="es.amazonaws.com")
        arn = client.get_role(RoleName=name)["Role"]["Arn"]
        self.assertEqual(arn, f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/es.amazonaws.com/{name}")
