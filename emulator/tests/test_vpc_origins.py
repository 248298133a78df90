"""CloudFront reaches a load balancer that is not public."""

from __future__ import annotations

import uuid
from typing import Any

from .support import ACCOUNT_ID, REGION, EmulatorTestCase


class VpcOriginTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.cloudfront = self.server.client("cloudfront", "us-east-1")
        self.ec2 = self.server.client("ec2")
        self.elbv2 = self.server.client("elbv2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for n, zone in enumerate("ab")
        ]
        self.subnets = [each["Subnet"]["SubnetId"] for each in self.subnets]

    def balancer(self, scheme: str = "internal") -> str:
        name = f"l-{uuid.uuid4().hex[:8]}"
        made = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets, Scheme=scheme)
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    def config(self, arn: str, **changes: Any) -> dict[str, Any]:
        protocols = {"Quantity": 1, "Items": ["TLSv1.2"]}
        return {
            "Name": f"o-{uuid.uuid4().hex[:8]}",
            "Arn": arn,
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
            "OriginSslProtocols": protocols,
            **changes,
        }

    def create(self, config: dict[str, Any]) -> tuple[str, str]:
        """Id and ETag, deployed."""
        made = self.cloudfront.create_vpc_origin(VpcOriginEndpointConfig=config)
        self.cloudfront.get_vpc_origin(Id=made["VpcOrigin"]["Id"])
        return made["VpcOrigin"]["Id"], made["ETag"]

    def distribution(self, origin_id: str) -> dict[str, Any]:
        vpc_origin = {"VpcOriginId": origin_id, "OriginReadTimeout": 60, "OriginKeepaliveTimeout": 5}
        origin = {"Id": "o", "DomainName": "internal-l.elb.amazonaws.com", "VpcOriginConfig": vpc_origin}
        return {
            "CallerReference": str(uuid.uuid4()),
            "Comment": "c",
            "Enabled": False,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "o",
                "ViewerProtocolPolicy": "redirect-to-https",
                "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            },
        }

    def refusal(self, call: Any, **params: Any) -> tuple[str, str]:
        with self.assertRaises(call.__self__.exceptions.ClientError) as caught:
            call(**params)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]

    def groups(self) -> list[str]:
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}]
        return sorted(g["GroupName"] for g in self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"])

    def test_from_create_to_delete(self) -> None:
        config = self.config(self.balancer())
        made = self.cloudfront.create_vpc_origin(
            VpcOriginEndpointConfig=config, Tags={"Items": [{"Key": "k", "Value": "v"}]}
        )
        origin = made["VpcOrigin"]
        self.assertEqual((origin["Status"], origin["VpcOriginEndpointConfig"]), ("Deploying", config))
        self.assertRegex(origin["Arn"], f"^arn:aws:cloudfront::{ACCOUNT_ID}:vpcorigin/vo_[A-Za-z0-9]{{22}}$")
        found = self.cloudfront.get_vpc_origin(Id=origin["Id"])
        self.assertEqual((found["VpcOrigin"]["Status"], found["ETag"]), ("Deployed", made["ETag"]))
        tags = self.cloudfront.list_tags_for_resource(Resource=origin["Arn"])["Tags"]["Items"]
        self.assertEqual(tags, [{"Key": "k", "Value": "v"}])
        self.assertIn(("aws_cloudfront_vpc_origin", origin["Id"]), self.inventory())
        changed = {**config, "HTTPPort": 8080}
        updated = self.cloudfront.update_vpc_origin(
            Id=origin["Id"], IfMatch=made["ETag"], VpcOriginEndpointConfig=changed
        )
        self.assertEqual(updated["VpcOrigin"]["VpcOriginEndpointConfig"]["HTTPPort"], 8080)
        stale = {"Id": origin["Id"], "IfMatch": made["ETag"]}
        self.assertEqual(self.refusal(self.cloudfront.delete_vpc_origin, **stale)[0], "PreconditionFailed")
        self.assertEqual(self.cloudfront.list_vpc_origins()["VpcOriginList"]["Items"][-1]["Id"], origin["Id"])
        self.cloudfront.delete_vpc_origin(Id=origin["Id"], IfMatch=updated["ETag"])
        self.assertEqual(self.refusal(self.cloudfront.get_vpc_origin, Id=origin["Id"])[0], "EntityNotFound")

    def test_the_service_group_keeps_the_vpc_until_the_last_origin_is_gone(self) -> None:
        arns = [self.balancer(), self.balancer()]
        first, second = (self.create(self.config(arn)) for arn in arns)
        self.assertEqual(self.groups(), ["CloudFront-VPCOrigins-Service-SG", "default"])
        self.assertNotIn("aws_security_group", [type_ for type_, _ in self.inventory()])
        self.cloudfront.delete_vpc_origin(Id=first[0], IfMatch=first[1])
        self.assertEqual(
            self.refusal(self.ec2.delete_subnet, SubnetId=self.subnets[0]),
            ("DependencyViolation", f"The subnet '{self.subnets[0]}' has dependencies and cannot be deleted."),
        )
        self.cloudfront.delete_vpc_origin(Id=second[0], IfMatch=second[1])
        self.assertEqual(self.groups(), ["default"])
        for arn in arns:
            self.elbv2.delete_load_balancer(LoadBalancerArn=arn)
        for subnet in self.subnets:
            self.ec2.delete_subnet(SubnetId=subnet)

    def test_what_cannot_be_an_endpoint_is_refused(self) -> None:
        balancer = self.balancer()
        create = self.cloudfront.create_vpc_origin
        for config, words in (
            (self.config(self.balancer("internet-facing")), "is internet-facing: a VPC origin's must be internal"),
            (self.config(f"{balancer}0"), "does not exist"),
            (self.config("arn:aws:s3:::bucket"), "is not the ARN of a resource of this account"),
            (self.config(balancer, HTTPPort=81), "HTTPPort 81: 80, 443 and 1024 to 65535 are allowed"),
        ):
            code, message = self.refusal(create, VpcOriginEndpointConfig=config)
            self.assertEqual(code, "InvalidArgument")
            self.assertIn(words, message)
        self.ec2.detach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        refused = self.refusal(create, VpcOriginEndpointConfig=self.config(balancer))
        self.assertEqual(refused, ("InvalidArgument", f"The VPC {self.vpc} of the VPC origin has no internet gateway."))

    def test_an_origin_in_use_can_be_neither_changed_nor_deleted(self) -> None:
        config = self.config(self.balancer())
        id_, etag = self.create(config)
        sent = self.distribution(id_)
        made = self.cloudfront.create_distribution(DistributionConfig=sent)
        kept = made["Distribution"]["DistributionConfig"]["Origins"]["Items"][0]["VpcOriginConfig"]
        self.assertEqual(kept, sent["Origins"]["Items"][0]["VpcOriginConfig"])
        origin = {"Id": id_, "IfMatch": etag}
        code, message = self.refusal(self.cloudfront.delete_vpc_origin, **origin)
        self.assertEqual(code, "CannotDeleteEntityWhileInUse")
        self.assertIn("is currently associated with one or more distributions", message)
        code, _ = self.refusal(self.cloudfront.update_vpc_origin, **origin, VpcOriginEndpointConfig=config)
        self.assertEqual(code, "CannotUpdateEntityWhileInUse")
        self.cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"])
        self.cloudfront.delete_vpc_origin(**origin)

    def test_a_distribution_needs_a_deployed_origin_of_one_kind(self) -> None:
        create = self.cloudfront.create_distribution
        self.assertEqual(self.refusal(create, DistributionConfig=self.distribution("vo_none"))[0], "EntityNotFound")
        made = self.cloudfront.create_vpc_origin(VpcOriginEndpointConfig=self.config(self.balancer()))["VpcOrigin"]
        config = self.distribution(made["Id"])
        self.assertIn("is not deployed", self.refusal(create, DistributionConfig=config)[1])
        self.cloudfront.get_vpc_origin(Id=made["Id"])
        both = self.distribution(made["Id"])
        both["Origins"]["Items"][0]["CustomOriginConfig"] = {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
        }
        self.assertIn("one of them is allowed", self.refusal(create, DistributionConfig=both)[1])
