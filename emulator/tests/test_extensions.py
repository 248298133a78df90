"""Each extension's operations, through the API."""

from __future__ import annotations

import copy
import json
import socket
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .postgres_login import Refused, login
from .support import ACCOUNT_ID, REGION, EmulatorTestCase, EmulatorWithDirectoryTestCase, Server

_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def _network(ec2: Any, zones: int = 2) -> tuple[str, list[str]]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{'abc'[i]}")["Subnet"][
            "SubnetId"
        ]
        for i in range(zones)
    ]
    return vpc, subnets


class ApplicationAutoScalingTest(EmulatorTestCase):
    def test_tags_of_a_scalable_target(self) -> None:
        ecs = self.server.client("ecs")
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "i", "memory": 512}])
        ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=1)
        client = self.server.client("application-autoscaling")
        arn = client.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/c/s",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1,
            MaxCapacity=2,
            Tags={"a": "1"},
        )["ScalableTargetARN"]
        client.tag_resource(ResourceARN=arn, Tags={"b": "2"})
        client.untag_resource(ResourceARN=arn, TagKeys=["a"])
        self.assertEqual(client.list_tags_for_resource(ResourceARN=arn)["Tags"], {"b": "2"})
        self.refuse_what_is_over(client)

    def refuse_what_is_over(self, client: Any) -> None:
        def put(schedule: str, **settings: Any) -> None:
            client.put_scheduled_action(
                ServiceNamespace="ecs",
                ScheduledActionName="a",
                ResourceId="service/c/s",
                ScalableDimension="ecs:service:DesiredCount",
                ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 2},
                Schedule=schedule,
                **settings,
            )

        now = datetime.now(timezone.utc)
        at = "at({:%Y-%m-%dT%H:%M:%S})"
        soon = at.format(now + timedelta(hours=1))
        put(soon)
        put("cron(0 1 ? * SUN *)")
        with self.assertRaises(client.exceptions.ValidationException) as caught:
            put(at.format(now - timedelta(minutes=1)))
        self.assertIn("is in the past", caught.exception.response["Error"]["Message"])
        with self.assertRaises(client.exceptions.ValidationException):
            put(soon, Timezone="Asia/Tokyo")


class XRayTest(EmulatorTestCase):
    def test_sampling_rules_and_groups_with_tags(self) -> None:
        client = self.server.client("xray")
        rule = {
            "RuleName": "health",
            "Priority": 1,
            "FixedRate": 0.0,
            "ReservoirSize": 0,
            "ServiceName": "api",
            "ServiceType": "*",
            "Host": "*",
            "HTTPMethod": "*",
            "URLPath": "/api/health",
            "ResourceARN": "*",
            "Version": 1,
        }
        created = client.create_sampling_rule(SamplingRule=rule, Tags=[{"Key": "a", "Value": "1"}])
        arn = created["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]
        client.update_sampling_rule(SamplingRuleUpdate={"RuleName": "health", "FixedRate": 0.5})
        [record] = client.get_sampling_rules()["SamplingRuleRecords"]
        self.assertEqual(record["SamplingRule"], {**rule, "FixedRate": 0.5, "RuleARN": arn, "Attributes": {}})
        client.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
        client.untag_resource(ResourceARN=arn, TagKeys=["a"])
        self.assertEqual(client.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "b", "Value": "3"}])

        group = client.create_group(GroupName="api", FilterExpression="fault = true")["Group"]
        client.update_group(GroupARN=group["GroupARN"], InsightsConfiguration={"InsightsEnabled": True})
        self.assertEqual(
            client.get_group(GroupName="api")["Group"],
            {
                **group,
                "InsightsConfiguration": {"InsightsEnabled": True, "NotificationsEnabled": False},
            },
        )
        self.assertEqual(
            self.inventory(), [("aws_xray_group", group["GroupARN"]), ("aws_xray_sampling_rule", "health")]
        )
        client.delete_group(GroupARN=group["GroupARN"])
        client.delete_sampling_rule(RuleName="health")
        self.assertEqual(self.inventory(), [])


class SystemsManagerTest(EmulatorTestCase):
    def test_a_pattern_holds_for_later_values(self) -> None:
        client = self.server.client("ssm")
        client.put_parameter(Name="/a/image", Value="1.0", Type="String", AllowedPattern="^[0-9.]+$")
        with self.assertRaises(client.exceptions.ParameterPatternMismatchException):
            client.put_parameter(Name="/a/image", Value="no tag", Overwrite=True)
        client.put_parameter(Name="/a/image", Value="1.1", Overwrite=True)
        self.assertEqual(client.get_parameter(Name="/a/image")["Parameter"]["Value"], "1.1")
        self.assertEqual(self.inventory(), [("aws_ssm_parameter", "/a/image")])
        client.delete_parameter(Name="/a/image")
        self.assertEqual(self.inventory(), [])


class BudgetsTest(EmulatorTestCase):
    def test_subscribers_tags_and_update(self) -> None:
        client = self.server.client("budgets")
        budget = {
            "BudgetName": "b",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        }
        notification = {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": 80.0,
            "ThresholdType": "PERCENTAGE",
        }
        first = {"SubscriptionType": "EMAIL", "Address": "a@example.com"}
        second = {"SubscriptionType": "EMAIL", "Address": "b@example.com"}
        where = {"AccountId": ACCOUNT_ID, "BudgetName": "b"}
        client.create_budget(
            AccountId=ACCOUNT_ID,
            Budget=budget,
            NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": [first]}],
            ResourceTags=[{"Key": "k", "Value": "v"}],
        )
        client.create_subscriber(**where, Notification=notification, Subscriber=second)
        client.delete_subscriber(**where, Notification=notification, Subscriber=first)
        subscribers = client.describe_subscribers_for_notification(**where, Notification=notification)["Subscribers"]
        self.assertEqual(subscribers, [second])
        arn = f"arn:aws:budgets::{ACCOUNT_ID}:budget/b"
        self.assertEqual(client.list_tags_for_resource(ResourceARN=arn)["ResourceTags"], [{"Key": "k", "Value": "v"}])
        client.update_budget(AccountId=ACCOUNT_ID, NewBudget={**budget, "BudgetLimit": {"Amount": "2", "Unit": "USD"}})
        self.assertEqual(client.describe_budget(**where)["Budget"]["BudgetLimit"]["Amount"], "2")


class CloudFrontTest(EmulatorTestCase):
    config: dict[str, Any] = {
        "CallerReference": "r",
        "Comment": "c",
        "Enabled": True,
        "HttpVersion": "http2and3",
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "o",
                    "DomainName": "origin.example.com",
                    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "o",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": _CACHING_DISABLED,
        },
    }

    def test_a_distribution_is_returned_as_it_was_sent_and_deployed(self) -> None:
        client = self.server.client("cloudfront")
        id_ = client.create_distribution(DistributionConfig=self.config)["Distribution"]["Id"]
        distribution = client.get_distribution(Id=id_)["Distribution"]
        self.assertEqual(distribution["Status"], "Deployed")
        config = client.get_distribution_config(Id=id_)
        self.assertEqual(config["DistributionConfig"], distribution["DistributionConfig"])
        sent = {name: config["DistributionConfig"][name] for name in self.config}
        self.assertEqual(sent, self.config)
        self.assertEqual(config["DistributionConfig"]["OriginGroups"], {"Quantity": 0})
        changed = {**config["DistributionConfig"], "Comment": "changed"}
        client.update_distribution(Id=id_, IfMatch=config["ETag"], DistributionConfig=changed)
        self.assertEqual(client.get_distribution_config(Id=id_)["DistributionConfig"]["Comment"], "changed")
        client.delete_distribution(Id=id_, IfMatch=config["ETag"])

    def test_a_behavior_needs_an_existing_policy_or_forwarded_values(self) -> None:
        client = self.server.client("cloudfront")
        for policy, code in (("00000000-0000-0000-0000-000000000000", "NoSuchCachePolicy"), (None, "InvalidArgument")):
            config = copy.deepcopy(self.config)
            config["DefaultCacheBehavior"].pop("CachePolicyId")
            if policy:
                config["DefaultCacheBehavior"]["CachePolicyId"] = policy
            with self.assertRaises(client.exceptions.ClientError) as caught:
                client.create_distribution(DistributionConfig=config)
            self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def test_a_cache_policy_from_create_to_delete(self) -> None:
        client = self.server.client("cloudfront")
        config = {"Name": "p", "MinTTL": 0, "DefaultTTL": 1, "MaxTTL": 2}
        created = client.create_cache_policy(CachePolicyConfig=config)
        id_ = created["CachePolicy"]["Id"]
        self.assertEqual(client.get_cache_policy(Id=id_)["CachePolicy"]["CachePolicyConfig"], config)
        self.assertEqual(self.inventory(), [("aws_cloudfront_cache_policy", id_)])
        with self.assertRaises(client.exceptions.PreconditionFailed):
            client.update_cache_policy(Id=id_, IfMatch="stale", CachePolicyConfig=config)
        updated = client.update_cache_policy(Id=id_, IfMatch=created["ETag"], CachePolicyConfig={**config, "MaxTTL": 9})
        self.assertEqual(client.get_cache_policy_config(Id=id_)["CachePolicyConfig"]["MaxTTL"], 9)
        client.delete_cache_policy(Id=id_, IfMatch=updated["ETag"])
        self.assertEqual(self.inventory(), [])

    def test_managed_policies_are_listed_and_cannot_be_changed(self) -> None:
        client = self.server.client("cloudfront")
        items = client.list_cache_policies(Type="managed")["CachePolicyList"]["Items"]
        by_id = {item["CachePolicy"]["Id"]: item["CachePolicy"]["CachePolicyConfig"]["Name"] for item in items}
        self.assertEqual(by_id[_CACHING_DISABLED], "Managed-CachingDisabled")
        items = client.list_origin_request_policies()["OriginRequestPolicyList"]["Items"]
        self.assertIn("216adef6-5c7f-47e4-b989-5492eafa07d3", [item["OriginRequestPolicy"]["Id"] for item in items])
        items = client.list_response_headers_policies()["ResponseHeadersPolicyList"]["Items"]
        self.assertIn("67f7725c-6f97-4210-82d7-5512b31e9d03", [item["ResponseHeadersPolicy"]["Id"] for item in items])
        with self.assertRaises(client.exceptions.IllegalUpdate):
            client.delete_cache_policy(Id=_CACHING_DISABLED, IfMatch="x")


class CertificateTest(EmulatorTestCase):
    def test_a_certificate_is_issued_when_its_records_exist_and_not_before(self) -> None:
        acm, route53 = self.server.client("acm"), self.server.client("route53")
        zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
        arn = acm.request_certificate(DomainName="www.example.com", ValidationMethod="DNS")["CertificateArn"]
        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        self.assertEqual(certificate["Status"], "PENDING_VALIDATION")
        record = certificate["DomainValidationOptions"][0]["ResourceRecord"]
        record_set = {
            "Name": record["Name"],
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": record["Value"]}],
        }
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        self.assertEqual(certificate["Status"], "ISSUED")
        self.assertEqual(certificate["DomainValidationOptions"][0]["ValidationStatus"], "SUCCESS")


class EcsTest(EmulatorTestCase):
    def test_a_service_has_the_settings_that_it_was_sent(self) -> None:
        client = self.server.client("ecs")
        client.create_cluster(clusterName="c")
        client.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "i", "memory": 512}])
        breaker = {"enable": True, "rollback": True}
        client.create_service(
            cluster="c",
            serviceName="s",
            taskDefinition="f",
            desiredCount=2,
            enableExecuteCommand=True,
            healthCheckGracePeriodSeconds=120,
            deploymentConfiguration={"deploymentCircuitBreaker": breaker, "minimumHealthyPercent": 50},
        )
        service = client.describe_services(cluster="c", services=["s"])["services"][0]
        self.assertEqual(service["enableExecuteCommand"], True)
        self.assertEqual(service["healthCheckGracePeriodSeconds"], 120)
        self.assertEqual(service["availabilityZoneRebalancing"], "DISABLED")
        self.assertEqual(service["deploymentConfiguration"]["deploymentCircuitBreaker"], breaker)
        self.assertEqual(service["deploymentConfiguration"]["minimumHealthyPercent"], 50)
        self.assertEqual(service["deploymentConfiguration"]["maximumPercent"], 200)
        self.assertEqual((service["runningCount"], service["pendingCount"]), (2, 0))
        client.update_service(cluster="c", service="s", enableExecuteCommand=False, desiredCount=3)
        service = client.describe_services(cluster="c", services=["s"])["services"][0]
        self.assertEqual((service["enableExecuteCommand"], service["runningCount"]), (False, 3))
        self.assertEqual(service["healthCheckGracePeriodSeconds"], 120)


class ElastiCacheTest(EmulatorTestCase):
    def test_a_parameter_group_from_create_to_delete(self) -> None:
        client = self.server.client("elasticache")
        name = {"CacheParameterGroupName": "p"}
        group = client.create_cache_parameter_group(
            **name, CacheParameterGroupFamily="redis7", Description="d", Tags=[{"Key": "k", "Value": "v"}]
        )["CacheParameterGroup"]
        parameter = {"ParameterName": "maxmemory-policy", "ParameterValue": "volatile-lru"}
        client.modify_cache_parameter_group(**name, ParameterNameValues=[parameter])
        found = client.describe_cache_parameters(**name, Source="user")["Parameters"]
        self.assertEqual(
            [(p["ParameterName"], p["ParameterValue"]) for p in found], [("maxmemory-policy", "volatile-lru")]
        )
        tags = client.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
        self.assertEqual(tags, [{"Key": "k", "Value": "v"}])
        client.reset_cache_parameter_group(**name, ResetAllParameters=True)
        self.assertEqual(client.describe_cache_parameters(**name)["Parameters"], [])
        client.delete_cache_parameter_group(**name)
        with self.assertRaises(client.exceptions.CacheParameterGroupNotFoundFault):
            client.describe_cache_parameter_groups(**name)

    def test_a_replication_group_from_create_to_delete(self) -> None:
        client = self.server.client("elasticache")
        _, subnets = _network(self.server.client("ec2"))
        client.create_cache_subnet_group(CacheSubnetGroupName="s", CacheSubnetGroupDescription="d", SubnetIds=subnets)
        client.create_replication_group(
            ReplicationGroupId="r",
            ReplicationGroupDescription="d",
            CacheNodeType="cache.t3.micro",
            Engine="redis",
            EngineVersion="7.1",
            CacheSubnetGroupName="s",
            NumCacheClusters=2,
            AutomaticFailoverEnabled=True,
            MultiAZEnabled=True,
            TransitEncryptionEnabled=True,
            AuthToken="a" * 32,
            SecurityGroupIds=["sg-1"],
        )
        group = client.describe_replication_groups(ReplicationGroupId="r")["ReplicationGroups"][0]
        self.assertEqual(group["MemberClusters"], ["r-001", "r-002"])
        member = client.describe_cache_clusters(CacheClusterId="r-001")["CacheClusters"][0]
        self.assertEqual((member["EngineVersion"], member["CacheSubnetGroupName"]), ("7.1.0", "s"))
        client.modify_replication_group(
            ReplicationGroupId="r", CacheNodeType="cache.t3.small", SnapshotWindow="01:00-02:00"
        )
        member = client.describe_cache_clusters(CacheClusterId="r-001")["CacheClusters"][0]
        self.assertEqual((member["CacheNodeType"], member["SnapshotWindow"]), ("cache.t3.small", "01:00-02:00"))
        client.increase_replica_count(ReplicationGroupId="r", NewReplicaCount=2, ApplyImmediately=True)
        group = client.describe_replication_groups(ReplicationGroupId="r")["ReplicationGroups"][0]
        self.assertEqual(len(group["MemberClusters"]), 3)
        with self.assertRaises(client.exceptions.CacheSubnetGroupInUse):
            client.delete_cache_subnet_group(CacheSubnetGroupName="s")
        client.delete_replication_group(ReplicationGroupId="r")
        with self.assertRaises(client.exceptions.ReplicationGroupNotFoundFault):
            client.describe_replication_groups(ReplicationGroupId="r")
        client.delete_cache_subnet_group(CacheSubnetGroupName="s")

    def test_failover_with_one_member_is_refused(self) -> None:
        client = self.server.client("elasticache")
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.create_replication_group(
                ReplicationGroupId="one",
                ReplicationGroupDescription="d",
                NumCacheClusters=1,
                AutomaticFailoverEnabled=True,
            )
        self.assertIn("fewer than 2", caught.exception.response["Error"]["Message"])


class ElasticsearchTest(EmulatorTestCase):
    def create(self, **options: Any) -> Any:
        params = {
            "DomainName": "logs",
            "ElasticsearchVersion": "7.10",
            "ElasticsearchClusterConfig": {
                "InstanceType": "t3.medium.elasticsearch",
                "InstanceCount": 3,
                "ZoneAwarenessEnabled": True,
                "ZoneAwarenessConfig": {"AvailabilityZoneCount": 3},
            },
            "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 100},
        }
        return self.server.client("es").create_elasticsearch_domain(**{**params, **options})

    def test_a_domain_in_a_vpc_from_create_to_delete(self) -> None:
        vpc, subnets = _network(self.server.client("ec2"), 3)
        client = self.server.client("es")
        self.create(VPCOptions={"SubnetIds": subnets, "SecurityGroupIds": []})
        status = client.describe_elasticsearch_domain(DomainName="logs")["DomainStatus"]
        self.assertEqual((status["Processing"], status["DomainProcessingStatus"]), (False, "Active"))
        self.assertEqual(status["VPCOptions"]["VPCId"], vpc)
        cluster = {**status["ElasticsearchClusterConfig"], "InstanceCount": 6}
        client.update_elasticsearch_domain_config(DomainName="logs", ElasticsearchClusterConfig=cluster)
        config = client.describe_elasticsearch_domain_config(DomainName="logs")["DomainConfig"]
        self.assertEqual(config["ElasticsearchClusterConfig"]["Options"]["InstanceCount"], 6)
        client.delete_elasticsearch_domain(DomainName="logs")
        with self.assertRaises(client.exceptions.ResourceNotFoundException):
            client.describe_elasticsearch_domain(DomainName="logs")

    def test_zones_and_subnets_must_agree(self) -> None:
        _, subnets = _network(self.server.client("ec2"))
        with self.assertRaises(self.server.client("es").exceptions.ClientError) as caught:
            self.create(VPCOptions={"SubnetIds": subnets, "SecurityGroupIds": []})
        self.assertEqual(
            caught.exception.response["Error"]["Message"],
            "You must specify exactly three subnets because you've set zone count to 3.",
        )

    def test_an_ip_condition_on_a_domain_in_a_vpc_is_refused(self) -> None:
        _, subnets = _network(self.server.client("ec2"), 3)
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "es:*",
            "Condition": {"IpAddress": {"aws:SourceIp": []}},
        }
        with self.assertRaises(self.server.client("es").exceptions.InvalidTypeException):
            self.create(VPCOptions={"SubnetIds": subnets}, AccessPolicies=json.dumps({"Statement": [statement]}))


class LoadBalancerTest(EmulatorTestCase):
    def test_a_load_balancer_is_active_at_once(self) -> None:
        _, subnets = _network(self.server.client("ec2"))
        client = self.server.client("elbv2")
        balancer = client.create_load_balancer(Name="l", Subnets=subnets)["LoadBalancers"][0]
        self.assertEqual(balancer["State"]["Code"], "active")


class RdsTest(EmulatorWithDirectoryTestCase):
    def create(self, identifier: str, **options: Any) -> Any:
        return self.server.client("rds").create_db_instance(
            DBInstanceIdentifier=identifier,
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            EngineVersion="15",
            AllocatedStorage=100,
            MasterUsername="skymanuals",
            MasterUserPassword="passwordpassword",
            **options,
        )["DBInstance"]

    def login(self, instance: Any, password: str, tls: bool = True) -> str:
        """What the server says of a login."""
        endpoint = instance["Endpoint"]
        authority = Path(self.directory.name, "local-ca.pem") if tls else None
        try:
            login(endpoint["Address"], endpoint["Port"], "skymanuals", password, "skymanuals", authority)
        except (Refused, OSError) as problem:
            return str(problem)
        return "accepted"

    def test_an_instance_is_a_server_that_takes_the_password_given_last(self) -> None:
        instance = self.create("real", DBName="skymanuals")
        client = self.server.client("rds")
        found = client.describe_db_instances(DBInstanceIdentifier="real")["DBInstances"][0]
        self.assertEqual(found["Endpoint"]["Address"], "localhost")
        self.assertEqual(found["Endpoint"]["Port"], instance["Endpoint"]["Port"])
        self.assertNotIn("passwordpassword", str(found))
        refused = 'password authentication failed for user "skymanuals"'
        self.assertEqual(self.login(found, "passwordpassword"), "accepted")
        self.assertEqual(self.login(found, "another-one"), refused)
        client.modify_db_instance(DBInstanceIdentifier="real", MasterUserPassword="another-one")
        self.assertEqual(self.login(found, "another-one"), "accepted")
        self.assertEqual(self.login(found, "passwordpassword"), refused)
        fault = {"service": "rds", "operation": "ModifyDBInstance", "code": "InternalFailure"}
        self.server.control("POST", "faults", fault)
        with self.assertRaises(client.exceptions.ClientError):
            client.modify_db_instance(DBInstanceIdentifier="real", MasterUserPassword="never")
        self.assertEqual(self.login(found, "another-one"), "accepted")

    def test_a_deleted_instance_is_gone_and_its_replica_was_the_same_server(self) -> None:
        client = self.server.client("rds")
        source = self.create("source", DBName="skymanuals", BackupRetentionPeriod=7)
        replica = client.create_db_instance_read_replica(
            DBInstanceIdentifier="reader", SourceDBInstanceIdentifier="source"
        )["DBInstance"]
        self.assertNotEqual(replica["DbiResourceId"], source["DbiResourceId"])
        self.assertEqual(replica["Endpoint"]["Port"], source["Endpoint"]["Port"])
        found = client.describe_db_instances(DBInstanceIdentifier="reader")["DBInstances"][0]
        self.assertEqual(found["ReadReplicaSourceDBInstanceIdentifier"], "source")
        self.assertEqual(found["ReadReplicaDBInstanceIdentifiers"], [])
        client.delete_db_instance(DBInstanceIdentifier="reader", SkipFinalSnapshot=True)
        self.assertEqual(self.login(source, "passwordpassword"), "accepted")
        client.delete_db_instance(DBInstanceIdentifier="source", SkipFinalSnapshot=True)
        self.assertIn("Connection refused", self.login(source, "passwordpassword"))

    def test_connections_without_tls_are_refused_as_the_parameter_says(self) -> None:
        client = self.server.client("rds")
        client.create_db_parameter_group(
            DBParameterGroupName="open", DBParameterGroupFamily="postgres15", Description="d"
        )
        parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
        client.modify_db_parameter_group(DBParameterGroupName="open", Parameters=[parameter])
        forced = self.create("forced", DBName="skymanuals")
        open_to_all = self.create("open", DBName="skymanuals", DBParameterGroupName="open")
        self.assertRegex(self.login(forced, "passwordpassword", tls=False), "no pg_hba.conf entry .* no encryption")
        self.assertEqual(self.login(open_to_all, "passwordpassword", tls=False), "accepted")

    def test_an_instance_has_an_authority_that_has_not_expired(self) -> None:
        client = self.server.client("rds")

        def authority(identifier: str) -> str:
            found = client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
            return str(found["CACertificateIdentifier"])

        def change(to: str, **options: bool) -> None:
            client.modify_db_instance(DBInstanceIdentifier="new", CACertificateIdentifier=to, **options)

        created = self.create("new", CACertificateIdentifier="rds-ca-ecc384-g1", BackupRetentionPeriod=7)
        self.assertEqual(created["CACertificateIdentifier"], "rds-ca-ecc384-g1")
        replica = {"DBInstanceIdentifier": "reader", "SourceDBInstanceIdentifier": "new"}
        reader = client.create_db_instance_read_replica(**replica)["DBInstance"]
        self.assertEqual(reader["CACertificateIdentifier"], "rds-ca-rsa2048-g1")
        self.assertEqual(self.create("default")["CACertificateIdentifier"], "rds-ca-rsa2048-g1")

        change("rds-ca-rsa4096-g1")
        self.assertEqual(authority("new"), "rds-ca-ecc384-g1", "it waits for the maintenance window")
        change("rds-ca-rsa4096-g1", ApplyImmediately=True)
        client.modify_db_instance(DBInstanceIdentifier="new", BackupRetentionPeriod=8, ApplyImmediately=True)
        self.assertEqual(authority("new"), "rds-ca-rsa4096-g1")
        with self.assertRaises(client.exceptions.ClientError) as refused:
            change("rds-ca-2019", ApplyImmediately=True)
        self.assertEqual(refused.exception.response["Error"]["Code"], "CertificateNotFound")

    def test_a_version_of_before_2024_comes_with_the_authority_of_that_time(self) -> None:
        options = {"DBInstanceClass": "db.t3.medium", "Engine": "postgres", "AllocatedStorage": 100}
        login = {"MasterUsername": "skymanuals", "MasterUserPassword": "passwordpassword"}
        old = self.server.client("rds").create_db_instance(
            DBInstanceIdentifier="old", EngineVersion="15.4", **options, **login
        )["DBInstance"]
        self.assertEqual(old["CACertificateIdentifier"], "rds-ca-2019")

    def test_servers_end_with_an_emulator_that_is_killed(self) -> None:
        server = Server()
        try:
            client = server.client("rds")
            options = {"DBInstanceClass": "db.t3.medium", "Engine": "postgres", "AllocatedStorage": 100}
            login = {"MasterUsername": "skymanuals", "MasterUserPassword": "passwordpassword"}
            instance = client.create_db_instance(DBInstanceIdentifier="orphan", **options, **login)["DBInstance"]
            with socket.create_connection(("127.0.0.1", instance["Endpoint"]["Port"]), timeout=60):
                pass
        finally:
            server.process.kill()
            server.stop()
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", instance["Endpoint"]["Port"]), timeout=60).close()
            except OSError:
                break
            self.assertLess(time.monotonic(), deadline, "the server is still there")
            time.sleep(0.1)

    def test_insights_version_and_resource_id(self) -> None:
        first = self.create("one", EnablePerformanceInsights=True)
        second = self.create("two")
        self.assertNotEqual(first["DbiResourceId"], second["DbiResourceId"])
        client = self.server.client("rds")
        found = client.describe_db_instances(DBInstanceIdentifier="one")["DBInstances"][0]
        self.assertEqual((found["PerformanceInsightsEnabled"], found["PerformanceInsightsRetentionPeriod"]), (True, 7))
        self.assertRegex(found["EngineVersion"], r"^15\.\d+$")
        self.assertEqual(found["DBParameterGroups"][0]["DBParameterGroupName"], "default.postgres15")
        client.modify_db_instance(DBInstanceIdentifier="one", EnablePerformanceInsights=False)
        found = client.describe_db_instances(DBInstanceIdentifier="one")["DBInstances"][0]
        self.assertEqual(found["PerformanceInsightsEnabled"], False)

    def test_windows_may_touch_and_not_overlap(self) -> None:
        maintenance = "sun:04:00-sun:05:00"
        self.create("touching", PreferredBackupWindow="03:00-04:00", PreferredMaintenanceWindow=maintenance)
        with self.assertRaises(self.server.client("rds").exceptions.ClientError) as caught:
            self.create("overlapping", PreferredBackupWindow="03:00-04:30", PreferredMaintenanceWindow=maintenance)
        self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidParameterValue")

    def test_a_modified_subnet_group_stays(self) -> None:
        client = self.server.client("rds")
        _, subnets = _network(self.server.client("ec2"), 3)
        name = {"DBSubnetGroupName": "g"}
        client.create_db_subnet_group(**name, DBSubnetGroupDescription="d", SubnetIds=subnets[:2])
        client.modify_db_subnet_group(**name, SubnetIds=subnets)
        group = client.describe_db_subnet_groups(**name)["DBSubnetGroups"][0]
        self.assertEqual(sorted(s["SubnetIdentifier"] for s in group["Subnets"]), sorted(subnets))

    def test_parameters_of_a_group_have_source_user(self) -> None:
        client = self.server.client("rds")
        client.create_db_parameter_group(DBParameterGroupName="p", DBParameterGroupFamily="postgres15", Description="d")
        parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
        client.modify_db_parameter_group(DBParameterGroupName="p", Parameters=[parameter])
        found = client.describe_db_parameters(DBParameterGroupName="p", Source="user")["Parameters"]
        self.assertEqual([(p["ParameterName"], p["Source"]) for p in found], [("rds.force_ssl", "user")])


class S3Test(EmulatorTestCase):
    def setUp(self) -> None:
        self.client = self.server.client("s3")
        self.bucket = self.id().rsplit(".", 1)[-1].replace("_", "-")[:60]
        self.client.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def test_lifecycle_is_returned_as_sent(self) -> None:
        rules = [
            {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 2557}},
            {
                "ID": "b",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            },
        ]
        self.client.put_bucket_lifecycle_configuration(
            Bucket=self.bucket,
            LifecycleConfiguration={"Rules": rules},
            TransitionDefaultMinimumObjectSize="varies_by_storage_class",
        )
        found = self.client.get_bucket_lifecycle_configuration(Bucket=self.bucket)
        self.assertEqual(found["Rules"], rules)
        self.assertEqual(found["TransitionDefaultMinimumObjectSize"], "varies_by_storage_class")
        self.client.delete_bucket_lifecycle(Bucket=self.bucket)
        with self.assertRaises(self.client.exceptions.ClientError) as caught:
            self.client.get_bucket_lifecycle_configuration(Bucket=self.bucket)
        self.assertEqual(caught.exception.response["Error"]["Code"], "NoSuchLifecycleConfiguration")

    def test_log_delivery_needs_a_policy_in_any_form(self) -> None:
        logging = {"LoggingEnabled": {"TargetBucket": self.bucket, "TargetPrefix": "s3/"}}
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": ["logging.s3.amazonaws.com"]},
            "Action": ["s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{self.bucket}/s3/*"],
        }
        for statements, granted in (([deny], False), ([deny, allow], True)):
            policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.client.put_bucket_policy(Bucket=self.bucket, Policy=policy)
            if granted:
                self.client.put_bucket_logging(Bucket=self.bucket, BucketLoggingStatus=logging)
            else:
                with self.assertRaises(self.client.exceptions.ClientError):
                    self.client.put_bucket_logging(Bucket=self.bucket, BucketLoggingStatus=logging)

    def test_a_conditional_deny_does_not_apply_and_an_unconditional_one_does(self) -> None:
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{self.bucket}/*"}
        plain_http = {"Bool": {"aws:SecureTransport": "false"}}
        for statement, allowed in (({**deny, "Condition": plain_http}, True), (deny, False)):
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            self.client.put_bucket_policy(Bucket=self.bucket, Policy=policy)
            if allowed:
                self.client.put_object(Bucket=self.bucket, Key="k", Body=b"b")
            else:
                with self.assertRaises(self.client.exceptions.ClientError) as caught:
                    self.client.get_object(Bucket=self.bucket, Key="k")
                self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)

    def test_a_locked_version_stays_whatever_policies_are_not_enforced(self) -> None:
        """What docs/custody.md says of the emulator."""
        client = self.client
        client.create_bucket(
            Bucket="locked",
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=True,
        )
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
        client.put_object_lock_configuration(
            Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )
        version = client.put_object(Bucket="locked", Key="k", Body=b"first")["VersionId"]
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.delete_object(Bucket="locked", Key="k", VersionId=version, BypassGovernanceRetention=True)
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.put_object(Bucket="locked", Key="k", Body=b"second", IfNoneMatch="*")
        self.assertEqual(caught.exception.response["Error"]["Code"], "PreconditionFailed")

    def test_the_second_writer_of_a_lock_file_gets_412(self) -> None:
        lock = {"Bucket": self.bucket, "Key": "p/terraform.tfstate.tflock", "Body": b"{}", "IfNoneMatch": "*"}
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/state"}
        kms = self.server.client("kms")
        kms.create_alias(AliasName="alias/state", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        self.client.put_object(**lock, **encryption)
        with self.assertRaises(self.client.exceptions.ClientError) as caught:
            self.client.put_object(**lock, **encryption)
        self.assertEqual(caught.exception.response["Error"]["Code"], "PreconditionFailed")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 412)
        self.client.delete_object(Bucket=self.bucket, Key=lock["Key"])
        self.client.put_object(**lock, **encryption)


class WafTest(EmulatorTestCase):
    def test_a_lock_token_fits_the_model(self) -> None:
        client = self.server.client("wafv2", "us-east-1")
        visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
        summary = client.create_web_acl(
            Name="w", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
        )["Summary"]
        client.delete_web_acl(Name="w", Scope="CLOUDFRONT", Id=summary["Id"], LockToken=summary["LockToken"])
        self.assertEqual(self.server.control("GET", "summary")["refused"], [])
        ip_set = client.create_ip_set(Name="i", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=[])["Summary"]
        client.delete_ip_set(Name="i", Scope="CLOUDFRONT", Id=ip_set["Id"], LockToken=ip_set["LockToken"])
        self.assertEqual(self.server.control("GET", "summary")["refused"], [])

    def test_a_pattern_over_the_quota_is_refused_wherever_it_stands(self) -> None:
        client = self.server.client("wafv2", "us-east-1")
        for length, refused in ((200, False), (201, True)):
            pattern = {"RegexString": "^/" + "a" * (length - 2)}
            visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
            match = {
                "RegexMatchStatement": {
                    **pattern,
                    "FieldToMatch": {"UriPath": {}},
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                }
            }
            rule = {
                "Name": "r",
                "Priority": 0,
                "Action": {"Block": {}},
                "Statement": {"AndStatement": {"Statements": [{"NotStatement": {"Statement": match}}, match]}},
                "VisibilityConfig": visibility,
            }
            scope = {"Name": f"w{length}", "Scope": "CLOUDFRONT"}
            acl = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility, "Rules": [rule]}
            for call, parameters in (
                (client.create_web_acl, acl),
                (client.create_regex_pattern_set, {"RegularExpressionList": [pattern]}),
            ):
                with self.subTest(length=length, call=call.__name__):
                    if not refused:
                        call(**scope, **parameters)
                        continue
                    with self.assertRaises(client.exceptions.WAFLimitsExceededException) as caught:
                        call(**scope, **parameters)
                    self.assertIn("a regex pattern of 201 characters, at most 200", str(caught.exception))

    def test_a_pattern_set_of_eleven_is_refused(self) -> None:
        client = self.server.client("wafv2", "us-east-1")
        patterns = [{"RegexString": f"a{n}"} for n in range(11)]
        with self.assertRaises(client.exceptions.WAFLimitsExceededException):
            client.create_regex_pattern_set(Name="many", Scope="CLOUDFRONT", RegularExpressionList=patterns)
        client.create_regex_pattern_set(Name="many", Scope="CLOUDFRONT", RegularExpressionList=patterns[:10])
