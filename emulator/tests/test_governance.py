"""What an account has once: CloudTrail, Config, Security Hub CSPM, GuardDuty, Access Analyzer, account settings."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from .support import ACCOUNT_ID, REGION, EmulatorTestCase

TRAIL_ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT_ID}:trail/trail"


def bucket_policy(bucket: str, service: str, *conditions: dict[str, Any]) -> str:
    """As CloudTrail's and Config's documents have it; `conditions` of the bucket's and of the objects' statement."""
    of_bucket, of_objects = conditions
    arn, principal = f"arn:aws:s3:::{bucket}", {"Service": service}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
                    "Resource": arn,
                    "Condition": of_bucket,
                },
                {
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": "s3:PutObject",
                    "Resource": f"{arn}/AWSLogs/{ACCOUNT_ID}/*",
                    "Condition": of_objects,
                },
            ],
        }
    )


class GovernanceTestCase(EmulatorTestCase):
    def refused(self, code: str, message: str, function: Any, **parameters: Any) -> None:
        with self.assertRaises(ClientError) as raised:
            function(**parameters)
        error = raised.exception.response["Error"]
        self.assertEqual((error["Code"], error["Message"]), (code, message))

    def bucket(self, name: str, lock: bool = False) -> Any:
        s3 = self.server.client("s3")
        s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=lock,
        )
        return s3


class TrailTest(GovernanceTestCase):
    def setUp(self) -> None:
        self.trails = self.server.client("cloudtrail")

    def test_bucket_policy_key_policy_and_number_of_trails(self) -> None:
        s3 = self.bucket("trail-bucket")
        create = self.trails.create_trail
        incorrect = "Incorrect S3 bucket policy is detected for bucket: trail-bucket"
        self.refused(
            "InsufficientS3BucketPolicyException", incorrect, create, Name="trail", S3BucketName="trail-bucket"
        )
        other = {"StringEquals": {"aws:SourceArn": TRAIL_ARN.replace("trail/trail", "trail/other")}}
        written = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": TRAIL_ARN}}
        policy = bucket_policy("trail-bucket", "cloudtrail.amazonaws.com", other, written)
        s3.put_bucket_policy(Bucket="trail-bucket", Policy=policy)
        self.refused(
            "InsufficientS3BucketPolicyException", incorrect, create, Name="trail", S3BucketName="trail-bucket"
        )

        policy = bucket_policy("trail-bucket", "cloudtrail.amazonaws.com", {}, {})
        s3.put_bucket_policy(Bucket="trail-bucket", Policy=policy)
        key = self.server.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.refused(
            "InsufficientEncryptionPolicyException",
            f"Insufficient permissions to access S3 bucket trail-bucket or KMS key {key}.",
            create,
            Name="trail",
            S3BucketName="trail-bucket",
            KmsKeyId=key,
        )
        for number in range(5):
            create(Name=f"trail-{number}", S3BucketName="trail-bucket", IsMultiRegionTrail=True)
        self.refused(
            "TrailAlreadyExistsException",
            f"Trail trail-0 already exists for customer: {ACCOUNT_ID}",
            create,
            Name="trail-0",
            S3BucketName="trail-bucket",
        )
        self.refused(
            "MaximumNumberOfTrailsExceededException",
            f"User: {ACCOUNT_ID} already has 5 trails in {REGION}.",
            create,
            Name="trail-5",
            S3BucketName="trail-bucket",
        )
        # Shadow trails count in another region.
        self.refused(
            "MaximumNumberOfTrailsExceededException",
            f"User: {ACCOUNT_ID} already has 5 trails in us-east-1.",
            self.server.client("cloudtrail", "us-east-1").create_trail,
            Name="trail-5",
            S3BucketName="trail-bucket",
        )
        arn = TRAIL_ARN.replace("trail/trail", "trail/trail-3")
        described = self.trails.describe_trails(trailNameList=[arn])["trailList"]
        self.assertEqual([trail["Name"] for trail in described], ["trail-3"])
        self.assertIn(("aws_cloudtrail", arn), self.inventory())
        for number in range(5):
            name = TRAIL_ARN.replace("trail/trail", f"trail/trail-{number}")
            self.trails.delete_trail(Name=name)
        self.assertNotIn("aws_cloudtrail", [type_ for type_, _ in self.inventory()])

    def test_selectors(self) -> None:
        s3 = self.bucket("selected-bucket")
        policy = bucket_policy("selected-bucket", "cloudtrail.amazonaws.com", {}, {})
        s3.put_bucket_policy(Bucket="selected-bucket", Policy=policy)
        self.trails.create_trail(Name="selected", S3BucketName="selected-bucket")
        data = {"Field": "eventCategory", "Equals": ["Data"]}
        self.refused(
            "InvalidEventSelectorsException",
            "Invalid advanced event selector objects: it needs resources.type with one value, by Equals.",
            self.trails.put_event_selectors,
            TrailName="selected",
            AdvancedEventSelectors=[{"Name": "objects", "FieldSelectors": [data]}],
        )
        described = self.trails.describe_trails(trailNameList=["selected"])["trailList"]
        self.assertFalse(described[0]["HasCustomEventSelectors"])
        objects = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
        selectors = [{"Name": "objects", "FieldSelectors": [data, objects]}]
        self.trails.put_event_selectors(TrailName="selected", AdvancedEventSelectors=selectors)
        described = self.trails.describe_trails(trailNameList=["selected"])["trailList"]
        self.assertTrue(described[0]["HasCustomEventSelectors"])
        self.trails.delete_trail(Name="selected")


class ConfigTest(GovernanceTestCase):
    def setUp(self) -> None:
        self.config = self.server.client("config")
        self.group = {
            "allSupported": True,
            "includeGlobalResourceTypes": True,
            "exclusionByResourceTypes": {},
            "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
        }
        self.recorder = {
            "name": "default",
            "roleARN": f"arn:aws:iam::{ACCOUNT_ID}:role/config",
            "recordingGroup": self.group,
            "recordingMode": {"recordingFrequency": "DAILY"},
        }
        self.config.put_configuration_recorder(ConfigurationRecorder=self.recorder)

    def tearDown(self) -> None:
        self.config.delete_configuration_recorder(ConfigurationRecorderName="default")

    def test_one_recorder_that_can_be_changed(self) -> None:
        group = {**self.group, "includeGlobalResourceTypes": False}
        self.config.put_configuration_recorder(ConfigurationRecorder={**self.recorder, "recordingGroup": group})
        found = self.config.describe_configuration_recorders()["ConfigurationRecorders"]
        self.assertEqual(found[0]["recordingGroup"]["includeGlobalResourceTypes"], False)
        self.assertEqual(found[0]["recordingMode"], {"recordingFrequency": "DAILY"})
        self.refused(
            "MaxNumberOfConfigurationRecordersExceededException",
            "Failed to put configuration recorder 'second' because the maximum number of configuration recorders: 1 is "
            "reached.",
            self.config.put_configuration_recorder,
            ConfigurationRecorder={**self.recorder, "name": "second"},
        )

    def test_a_channel_whose_bucket_admits_config_and_locks_nothing(self) -> None:
        put = self.config.put_delivery_channel
        self.refused(
            "NoSuchBucketException",
            "Cannot find a S3 bucket with the specified name 'nowhere'.",
            put,
            DeliveryChannel={"name": "default", "s3BucketName": "nowhere"},
        )
        s3 = self.bucket("config-bucket", lock=True)
        insufficient = (
            "Insufficient delivery policy to s3 bucket: config-bucket, unable to write to bucket, provided s3 key "
            "prefix is 'null', provided kms key is 'null'."
        )
        channel = {"name": "default", "s3BucketName": "config-bucket"}
        self.refused("InsufficientDeliveryPolicyException", insufficient, put, DeliveryChannel=channel)
        own = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
        written = {"StringEquals": {**own["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}}
        policy = bucket_policy("config-bucket", "config.amazonaws.com", own, written)
        s3.put_bucket_policy(Bucket="config-bucket", Policy=policy)
        lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
        s3.put_object_lock_configuration(Bucket="config-bucket", ObjectLockConfiguration=lock)
        self.refused("InsufficientDeliveryPolicyException", insufficient, put, DeliveryChannel=channel)

        s3 = self.bucket("config-open")
        policy = bucket_policy("config-open", "config.amazonaws.com", own, written)
        s3.put_bucket_policy(Bucket="config-open", Policy=policy)
        put(DeliveryChannel={**channel, "s3BucketName": "config-open"})
        self.refused(
            "MaxNumberOfDeliveryChannelsExceededException",
            "Failed to put delivery channel 'second' because the maximum number of delivery channels: 1 is reached.",
            put,
            DeliveryChannel={"name": "second", "s3BucketName": "config-open"},
        )
        self.config.delete_delivery_channel(DeliveryChannelName="default")

    def rule(self, identifier: str, **parameters: Any) -> str:
        source = {"Owner": "AWS", "SourceIdentifier": identifier}
        properties = {"ConfigRuleName": "rule", "Source": source, "InputParameters": parameters}
        resource = {"Type": "AWS::Config::ConfigRule", "Properties": properties}
        return json.dumps({"Resources": {"Rule": resource}})

    def put_pack(self, template: str) -> dict[str, Any]:
        self.config.put_conformance_pack(ConformancePackName="pack", TemplateBody=template)
        status: dict[str, Any] = self.config.describe_conformance_pack_status(ConformancePackNames=["pack"])
        return dict(status["ConformancePackStatusDetails"][0])

    def test_a_pack_makes_its_rules(self) -> None:
        pack = self.put_pack(self.rule("DB_INSTANCE_BACKUP_ENABLED", backupRetentionMinimum=7))
        self.assertEqual(pack["ConformancePackState"], "CREATE_COMPLETE")
        (rule,) = self.config.describe_config_rules()["ConfigRules"]
        self.assertEqual(rule["ConfigRuleName"], f"rule-{pack['ConformancePackId']}")
        self.assertEqual(json.loads(rule["InputParameters"]), {"backupRetentionMinimum": "7"})
        self.assertIn(("aws_config_conformance_pack", "pack"), self.inventory())
        self.config.delete_conformance_pack(ConformancePackName="pack")
        self.assertEqual(self.config.describe_config_rules()["ConfigRules"], [])
        status = self.config.describe_conformance_pack_status(ConformancePackNames=["pack"])
        self.assertEqual(status["ConformancePackStatusDetails"], [])
        self.refused(
            "NoSuchConformancePackException",
            "Cannot find the specified conformance pack 'pack'.",
            self.config.delete_conformance_pack,
            ConformancePackName="pack",
        )

    def test_a_pack_with_a_rule_or_a_parameter_that_aws_does_not_have_fails(self) -> None:
        pack = self.put_pack(self.rule("ALL_IS_WELL"))
        reason = "Rule: The sourceIdentifier ALL_IS_WELL is invalid."
        self.assertEqual((pack["ConformancePackState"], pack["ConformancePackStatusReason"]), ("CREATE_FAILED", reason))
        pack = self.put_pack(self.rule("DB_INSTANCE_BACKUP_ENABLED", days=7))
        self.assertIn("Unknown parameters provided in the inputParameters", pack["ConformancePackStatusReason"])
        pack = self.put_pack(self.rule("ECS_NO_ENVIRONMENT_SECRETS"))
        self.assertIn("The required parameter [secretKeys] is not present", pack["ConformancePackStatusReason"])
        self.config.delete_conformance_pack(ConformancePackName="pack")

    def test_a_template_that_is_none_or_too_large_is_refused(self) -> None:
        put = self.config.put_conformance_pack
        number = {"Type": "AWS::Config::ConfigRule", "Properties": {}}
        many = json.dumps({"Resources": {f"Rule{index}": number for index in range(131)}})
        self.refused(
            "ConformancePackTemplateValidationException",
            "Invalid conformance pack template provided. Errors found: [Number of resources provided in the template "
            "exceeds the allowed limit]. Fix your template and try again.",
            put,
            ConformancePackName="pack",
            TemplateBody=many,
        )
        bucket = json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}}}})
        self.refused(
            "ConformancePackTemplateValidationException",
            "Invalid conformance pack template provided. Errors found: [Unsupported resource types: AWS::S3::Bucket]. "
            "Fix your template and try again.",
            put,
            ConformancePackName="pack",
            TemplateBody=bucket,
        )
        with self.assertRaisesRegex(ClientError, "less than or equal to 51200"):
            put(ConformancePackName="pack", TemplateBody=" " * 51201)


class SecurityTest(GovernanceTestCase):
    def test_security_hub_once_and_its_standards(self) -> None:
        hub = self.server.client("securityhub")
        hub.enable_security_hub(EnableDefaultStandards=False)
        self.refused(
            "ResourceConflictException",
            "Account is already subscribed to Security Hub",
            hub.enable_security_hub,
        )
        hub.update_security_hub_configuration(AutoEnableControls=False)
        self.assertEqual(hub.describe_hub()["AutoEnableControls"], False)
        standard = f"arn:aws:securityhub:{REGION}::standards/cis-aws-foundations-benchmark/v/3.0.0"
        enabled = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": standard}])
        (subscription,) = enabled["StandardsSubscriptions"]
        arn = f"arn:aws:securityhub:{REGION}:{ACCOUNT_ID}:subscription/cis-aws-foundations-benchmark/v/3.0.0"
        self.assertEqual(subscription["StandardsSubscriptionArn"], arn)
        self.refused(
            "InvalidInputException",
            f"StandardsArn {standard}1 is not a standard of {REGION}",
            hub.batch_enable_standards,
            StandardsSubscriptionRequests=[{"StandardsArn": f"{standard}1"}],
        )
        self.assertEqual(
            [type_ for type_, _ in self.inventory() if "securityhub" in type_],
            ["aws_securityhub_account", "aws_securityhub_standards_subscription"],
        )
        hub.batch_disable_standards(StandardsSubscriptionArns=[arn])
        self.assertEqual(hub.get_enabled_standards()["StandardsSubscriptions"], [])
        hub.disable_security_hub()

    def test_one_detector_its_features_and_tags(self) -> None:
        guardduty = self.server.client("guardduty")
        detector = guardduty.create_detector(Enable=True, Tags={"a": "1"})["DetectorId"]
        self.refused(
            "BadRequestException",
            "The request is rejected because a detector already exists for the current account.",
            guardduty.create_detector,
            Enable=True,
        )
        features = [{"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"}]
        guardduty.update_detector(DetectorId=detector, Features=features)
        found = {one["Name"]: one["Status"] for one in guardduty.get_detector(DetectorId=detector)["Features"]}
        self.assertEqual((found["RDS_LOGIN_EVENTS"], found["S3_DATA_EVENTS"]), ("DISABLED", "ENABLED"))
        self.assertEqual(found["RUNTIME_MONITORING"], "DISABLED")
        arn = f"arn:aws:guardduty:{REGION}:{ACCOUNT_ID}:detector/{detector}"
        guardduty.tag_resource(ResourceArn=arn, Tags={"b": "2"})
        guardduty.untag_resource(ResourceArn=arn, TagKeys=["a"])
        self.assertEqual(guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"], {"b": "2"})
        guardduty.delete_detector(DetectorId=detector)

    def test_one_analyzer_of_a_kind(self) -> None:
        analyzers = self.server.client("accessanalyzer")
        analyzers.create_analyzer(analyzerName="first", type="ACCOUNT")
        self.refused(
            "ConflictException",
            "Analyzer already exists: first",
            analyzers.create_analyzer,
            analyzerName="first",
            type="ACCOUNT",
        )
        self.refused(
            "ServiceQuotaExceededException",
            "The limit of 1 analyzer of type ACCOUNT is reached.",
            analyzers.create_analyzer,
            analyzerName="second",
            type="ACCOUNT",
        )
        self.assertIn(("aws_accessanalyzer_analyzer", "first"), self.inventory())
        analyzers.delete_analyzer(analyzerName="first")

    def test_settings_of_the_account_are_listed(self) -> None:
        iam = self.server.client("iam")
        iam.update_account_password_policy(MinimumPasswordLength=14)
        ec2 = self.server.client("ec2")
        ec2.enable_ebs_encryption_by_default()
        settings = [type_ for type_, _ in self.inventory()]
        self.assertIn("aws_iam_account_password_policy", settings)
        self.assertIn("aws_ebs_encryption_by_default", settings)
        iam.delete_account_password_policy()
        ec2.disable_ebs_encryption_by_default()


class FindingTest(GovernanceTestCase):
    def test_one_object_of_a_list_meets_all_that_a_pattern_says_of_it(self) -> None:
        events = self.server.client("events")
        queue = self.server.client("sqs").create_queue(QueueName="findings")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:findings"
        admit = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        self.server.client("sqs").set_queue_attributes(
            QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [admit]})}
        )
        pattern = {"detail": {"findings": {"Severity": {"Label": ["HIGH"]}, "State": ["NEW"]}}}
        events.put_rule(Name="findings", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="findings", Targets=[{"Id": "queue", "Arn": arn}])

        def arrived(*findings: tuple[str, str]) -> bool:
            detail = {"findings": [{"Severity": {"Label": label}, "State": state} for label, state in findings]}
            entry = {"Source": "app", "DetailType": "Findings", "Detail": json.dumps(detail)}
            events.put_events(Entries=[entry])
            return "Messages" in self.server.client("sqs").receive_message(QueueUrl=queue)

        self.assertTrue(arrived(("LOW", "NEW"), ("HIGH", "NEW")))
        self.assertFalse(arrived(("LOW", "NEW"), ("HIGH", "RESOLVED")))
