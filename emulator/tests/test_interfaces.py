"""A function's network interfaces outlive it."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import zipfile
from typing import Any

from .support import EmulatorTestCase


class InterfaceTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.ec2, self.lambda_ = self.server.client("ec2"), self.server.client("lambda")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in range(2)
        ]
        self.groups = [
            self.ec2.create_security_group(GroupName=name, Description="d", VpcId=self.vpc)["GroupId"] for name in "ab"
        ]
        iam = self.server.client("iam")
        self.name = self.id().rsplit(".", 1)[-1][:60]
        statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = iam.create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )["Role"]["Arn"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.js", "exports.handler = async () => 1;")
        self.lambda_.create_function(
            FunctionName=self.name,
            Runtime="nodejs22.x",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
            VpcConfig={"SubnetIds": self.subnets[:1], "SecurityGroupIds": self.groups[:1]},
        )
        self.server.control("POST", "lambda-interfaces", {"lingerSeconds": 1})

    def refusal(self, call: Any, **params: Any) -> tuple[str, str]:
        with self.assertRaises(self.ec2.exceptions.ClientError) as caught:
            call(**params)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]

    def move(self, subnets: list[str], groups: list[str]) -> None:
        config = {"SubnetIds": subnets, "SecurityGroupIds": groups}
        self.lambda_.update_function_configuration(FunctionName=self.name, VpcConfig=config)

    def test_subnet_and_group_go_when_the_interfaces_are_gone(self) -> None:
        subnet, group = self.subnets[0], self.groups[0]
        self.lambda_.delete_function(FunctionName=self.name)
        in_use = ("DependencyViolation", f"resource {group} has a dependent object")
        self.assertEqual(self.refusal(self.ec2.delete_security_group, GroupId=group), in_use)
        in_use = ("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.")
        self.assertEqual(self.refusal(self.ec2.delete_subnet, SubnetId=subnet), in_use)
        time.sleep(1.1)
        self.ec2.delete_security_group(GroupId=group)
        self.ec2.delete_subnet(SubnetId=subnet)

    def test_a_replacement_group_frees_the_first_at_once(self) -> None:
        self.move(self.subnets[:1], self.groups[1:])
        self.ec2.delete_security_group(GroupId=self.groups[0])
        self.lambda_.delete_function(FunctionName=self.name)
        self.assertEqual(self.refusal(self.ec2.delete_security_group, GroupId=self.groups[1])[0], "DependencyViolation")

    def test_a_subnet_that_is_left_lingers(self) -> None:
        self.move(self.subnets[1:], self.groups[:1])
        self.assertEqual(self.refusal(self.ec2.delete_subnet, SubnetId=self.subnets[0])[0], "DependencyViolation")
        time.sleep(1.1)
        self.ec2.delete_subnet(SubnetId=self.subnets[0])
        self.assertEqual(self.refusal(self.ec2.delete_subnet, SubnetId=self.subnets[1])[0], "DependencyViolation")

    def test_out_of_the_vpc(self) -> None:
        found = self.lambda_.get_function(FunctionName=self.name)["Configuration"]["VpcConfig"]
        self.assertEqual(found["VpcId"], self.vpc)
        self.move([], [])
        self.assertEqual(self.refusal(self.ec2.delete_security_group, GroupId=self.groups[0])[0], "DependencyViolation")
        time.sleep(1.1)
        self.ec2.delete_security_group(GroupId=self.groups[0])

    def test_a_wrong_time_is_refused(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.server.control("POST", "lambda-interfaces", {"lingerSeconds": -1})
        self.assertIn(b"lingerSeconds must be a number, at least 0", caught.exception.read())
        caught.exception.close()
