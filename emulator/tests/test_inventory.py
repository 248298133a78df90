"""The inventory names what requests created, and nothing that an account has by itself."""

from __future__ import annotations

import json

from .support import ACCOUNT_ID, REGION, EmulatorTestCase


class InventoryTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.assertEqual(self.inventory(), [], "a test left something behind")

    def test_a_fresh_account_is_empty_though_it_has_defaults_and_a_seeded_zone(self) -> None:
        ec2 = self.server.client("ec2")
        self.assertEqual(len(ec2.describe_vpcs()["Vpcs"]), 1)
        self.assertTrue(ec2.describe_security_groups()["SecurityGroups"])
        self.assertEqual(len(self.server.client("route53").list_hosted_zones()["HostedZones"]), 1)
        self.assertTrue(self.server.client("iam").list_policies()["Policies"])
        self.assertEqual(self.inventory(), [])

    def test_network(self) -> None:
        ec2 = self.server.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        group = ec2.create_security_group(VpcId=vpc, GroupName="g", Description="d")["GroupId"]
        self.assertEqual(
            self.inventory(),
            [
                ("aws_eip", address),
                ("aws_nat_gateway", gateway),
                ("aws_route_table", table),
                ("aws_route_table_association", f"{subnet}/{table}"),
                ("aws_security_group", group),
                ("aws_subnet", subnet),
                ("aws_vpc", vpc),
            ],
        )
        ec2.delete_nat_gateway(NatGatewayId=gateway)
        ec2.release_address(AllocationId=address)
        ec2.disassociate_route_table(AssociationId=association)
        ec2.delete_route_table(RouteTableId=table)
        ec2.delete_security_group(GroupId=group)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_vpc(VpcId=vpc)
        self.assertEqual(self.inventory(), [])

    def test_region_and_name(self) -> None:
        ec2 = self.server.client("ec2", "us-west-2")
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "main"}]}]
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
        self.assertEqual(
            self.server.control("GET", "inventory"),
            [{"type": "aws_vpc", "id": vpc, "name": "main", "region": "us-west-2"}],
        )
        ec2.delete_vpc(VpcId=vpc)

    def test_roles_and_policies(self) -> None:
        iam = self.server.client("iam")
        managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy)
        iam.put_role_policy(
            RoleName="r",
            PolicyName="p",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
            ),
        )
        iam.attach_role_policy(RoleName="r", PolicyArn=managed)
        iam.create_service_linked_role(AWSServiceName="es.amazonaws.com")
        linked_name = "AWSServiceRoleForAmazonElasticsearchService"
        linked = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/es.amazonaws.com/{linked_name}"
        self.assertEqual(
            self.inventory(),
            [
                ("aws_iam_role", "r"),
                ("aws_iam_role_policy", "r:p"),
                ("aws_iam_role_policy_attachment", f"r/{managed}"),
                ("aws_iam_service_linked_role", linked),
            ],
        )
        iam.detach_role_policy(RoleName="r", PolicyArn=managed)
        iam.delete_role_policy(RoleName="r", PolicyName="p")
        iam.delete_role(RoleName="r")
        iam.delete_service_linked_role(RoleName=linked_name)

    def test_what_is_scheduled_for_deletion_is_gone(self) -> None:
        kms, secrets = self.server.client("kms"), self.server.client("secretsmanager")
        key = kms.create_key(Description="k")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/k", TargetKeyId=key)
        arn = secrets.create_secret(Name="s")["ARN"]
        version = secrets.put_secret_value(SecretId=arn, SecretString="x")["VersionId"]
        self.assertEqual(
            self.inventory(),
            [
                ("aws_kms_alias", "alias/k"),
                ("aws_kms_key", key),
                ("aws_secretsmanager_secret", arn),
                ("aws_secretsmanager_secret_version", f"{arn}|{version}"),
            ],
        )
        kms.delete_alias(AliasName="alias/k")
        kms.schedule_key_deletion(KeyId=key)
        secrets.delete_secret(SecretId=arn)

    def test_records_of_a_seeded_zone_are_named(self) -> None:
        route53 = self.server.client("route53")
        zone = route53.list_hosted_zones()["HostedZones"][0]["Id"].rsplit("/", 1)[-1]
        record = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        for action, expected in (("CREATE", [("aws_route53_record", f"{zone}_www.example.com_A")]), ("DELETE", [])):
            change = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
            self.assertEqual(self.inventory(), expected)

    def test_inactive_task_definitions_are_gone(self) -> None:
        ecs = self.server.client("ecs")
        container = {"name": "a", "image": "i", "memory": 512}
        ecs.create_cluster(clusterName="c")
        arn = ecs.register_task_definition(family="f", containerDefinitions=[container])["taskDefinition"][
            "taskDefinitionArn"
        ]
        ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=0)
        self.assertEqual(
            self.inventory(),
            [("aws_ecs_cluster", "c"), ("aws_ecs_service", "c/s"), ("aws_ecs_task_definition", arn)],
        )
        ecs.delete_service(cluster="c", service="s", force=True)
        ecs.deregister_task_definition(taskDefinition=arn)
        ecs.delete_cluster(cluster="c")

    def test_a_final_snapshot_is_named(self) -> None:
        rds = self.server.client("rds")
        rds.create_db_instance(
            DBInstanceIdentifier="d", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20
        )
        self.assertEqual(self.inventory(), [("aws_db_instance", "d")])
        rds.delete_db_instance(DBInstanceIdentifier="d", FinalDBSnapshotIdentifier="d-final")
        self.assertEqual(self.inventory(), [("aws_db_snapshot", "d-final")])
        rds.delete_db_snapshot(DBSnapshotIdentifier="d-final")

    def test_log_deliveries_and_web_acls(self) -> None:
        logs, waf = self.server.client("logs", "us-east-1"), self.server.client("wafv2", "us-east-1")
        distribution = f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/E1"
        logs.put_delivery_source(name="source", resourceArn=distribution, logType="ACCESS_LOGS")
        destination = logs.put_delivery_destination(
            name="destination", deliveryDestinationConfiguration={"destinationResourceArn": "arn:aws:s3:::logs"}
        )["deliveryDestination"]["arn"]
        delivery = logs.create_delivery(deliverySourceName="source", deliveryDestinationArn=destination)["delivery"]
        visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
        acl = waf.create_web_acl(
            Name="acl", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
        )["Summary"]
        ips = waf.create_ip_set(Name="ips", Scope="CLOUDFRONT", IPAddressVersion="IPV4", Addresses=["203.0.113.0/24"])[
            "Summary"
        ]
        group = f"arn:aws:logs:us-east-1:{ACCOUNT_ID}:log-group:aws-waf-logs-x"
        waf.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": acl["ARN"], "LogDestinationConfigs": [group]}
        )
        self.assertEqual(
            self.inventory(),
            [
                ("aws_cloudwatch_log_delivery", delivery["id"]),
                ("aws_cloudwatch_log_delivery_destination", "destination"),
                ("aws_cloudwatch_log_delivery_source", "source"),
                ("aws_wafv2_ip_set", f"{ips['Id']}/ips/CLOUDFRONT"),
                ("aws_wafv2_web_acl", f"{acl['Id']}/acl/CLOUDFRONT"),
                ("aws_wafv2_web_acl_logging_configuration", acl["ARN"]),
            ],
        )
        waf.delete_logging_configuration(ResourceArn=acl["ARN"])
        waf.delete_web_acl(Name="acl", Scope="CLOUDFRONT", Id=acl["Id"], LockToken=acl["LockToken"])
        waf.delete_ip_set(Name="ips", Scope="CLOUDFRONT", Id=ips["Id"], LockToken=ips["LockToken"])
        logs.delete_delivery(id=delivery["id"])
        logs.delete_delivery_destination(name="destination")
        logs.delete_delivery_source(name="source")
        self.assertEqual(self.inventory(), [])

    def test_logs_alarms_topics_and_buckets(self) -> None:
        logs, sns, s3 = self.server.client("logs"), self.server.client("sns"), self.server.client("s3")
        logs.create_log_group(logGroupName="/g")
        logs.put_metric_filter(
            logGroupName="/g",
            filterName="f",
            filterPattern="ERROR",
            metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
        )
        topic = sns.create_topic(Name="t")["TopicArn"]
        s3.create_bucket(Bucket="inventory-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.assertEqual(
            self.inventory(),
            [
                ("aws_cloudwatch_log_group", "/g"),
                ("aws_cloudwatch_log_metric_filter", "/g:f"),
                ("aws_s3_bucket", "inventory-bucket"),
                ("aws_sns_topic", topic),
            ],
        )
        logs.delete_metric_filter(logGroupName="/g", filterName="f")
        logs.delete_log_group(logGroupName="/g")
        sns.delete_topic(TopicArn=topic)
        s3.delete_bucket(Bucket="inventory-bucket")
