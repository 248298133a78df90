import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { type ITerraformDependable, TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";
import { functionNodeMajor } from "../../facts/function-runtime";
import { functionName } from "../../facts/names";
import type { Vpc } from "../vpc";
import type { Deployment } from "./deployment";
import { bundleFunction } from "./function-bundle";
import { assumedBy, policyDocument, type Statement } from "./policy-document";

export interface NodeFunctionProps {
  readonly deployment: Deployment;
  readonly description: string;
  /** The folder in functions/ whose index.ts exports `handler`; see `functionName`. */
  readonly source: string;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** What the function may do besides writing its log and traces, and having a network interface. */
  readonly statements: readonly Statement[];
  /** Seconds, at most 900. */
  readonly timeoutSeconds: number;
  /** MiB; the share of CPU grows with it, up to one vCPU at 1769. */
  readonly memoryMiB: number;
  readonly dependsOn?: ITerraformDependable[];
}

/** What Lambda does to connect a function to the VPC. */
const interfaceActions = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** A function in TypeScript that runs in the VPC, traced, with a role and a log group of its own. Label: the construct's id. */
export class NodeFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: IamRole;
  readonly logGroup: CloudwatchLogGroup;

  constructor(scope: Construct, label: string, props: NodeFunctionProps) {
    super(scope, label);
    const { prefix, region, accountId, keys } = props.deployment;
    const name = functionName(prefix, props.source);

    this.logGroup = new CloudwatchLogGroup(this, `aws_cloudwatch_log_group.${label}`, {
      name: `/aws/lambda/${name}`,
      retentionInDays: 30,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: name },
    });
    this.role = new IamRole(this, `aws_iam_role.${label}`, {
      name,
      // No condition on the source: AWS documents none for execution roles, and does not say that Lambda sends the keys when it
      // assumes one (AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role").
      assumeRolePolicy: assumedBy("lambda.amazonaws.com"),
      tags: { Name: name },
    });
    const policy = new IamRolePolicy(this, `aws_iam_role_policy.${label}`, {
      name: "run",
      role: this.role.id,
      policy: policyDocument(
        {
          Sid: "WriteLog",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: [`${this.logGroup.arn}:*`],
        },
        // Neither of the two knows resources (AWS Service Authorization Reference).
        { Sid: "Trace", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: ["*"] },
        {
          // Lambda itself makes the interfaces in the function's name (AWS Lambda Developer Guide, "Giving Lambda functions
          // access to resources in an Amazon VPC").
          Sid: "NetworkInterface",
          Action: interfaceActions,
          Resource: ["*"],
        },
        {
          // The service's requests carry no such key, those of the function's code do (the same page, "Security best practices").
          Sid: "NoNetworkInterfaceByCode",
          Effect: "Deny",
          Action: interfaceActions,
          Resource: ["*"],
          Condition: {
            ArnEquals: { "lambda:SourceFunctionArn": `arn:aws:lambda:${region}:${accountId}:function:${name}` },
          },
        },
        ...props.statements,
      ),
    });

    const bundle = bundleFunction(props.source);
    const file = `functions/${props.source}.zip`;
    this.writeIntoStack(file, bundle.zip);
    this.lambda = new LambdaFunction(this, `aws_lambda_function.${label}`, {
      functionName: name,
      description: props.description,
      role: this.role.arn,
      runtime: `nodejs${functionNodeMajor}.x`,
      architectures: ["arm64"],
      handler: "index.handler",
      filename: file,
      sourceCodeHash: bundle.sha256,
      timeout: props.timeoutSeconds,
      memorySize: props.memoryMiB,
      environment: { variables: { ...props.environmentVariables } },
      // The interfaces of a function live up to 45 minutes after it, and a group as long as an interface in it: those of a deleted
      // function stay behind in a group that nobody deletes (provider 5.100.0, resource aws_lambda_function: the note on
      // improved VPC networking, and these two arguments).
      replaceSecurityGroupsOnDestroy: true,
      replacementSecurityGroupIds: [props.network.vpc.defaultSecurityGroupId],
      vpcConfig: { subnetIds: props.network.privateSubnetIds, securityGroupIds: [props.securityGroup.id] },
      loggingConfig: { logFormat: "JSON", logGroup: this.logGroup.name },
      tracingConfig: { mode: "Active" },
      tags: { Name: name },
      dependsOn: [policy, ...(props.dependsOn ?? [])],
    });
  }

  /** Writes a file into the stack's folder when it is synthesized, so that the folder is complete by itself. */
  private writeIntoStack(file: string, content: Uint8Array): void {
    const stack = TerraformStack.of(this);
    addCustomSynthesis(this, {
      onSynthesize: ({ outdir, manifest }) => {
        const path = join(outdir, dirname(manifest.forStack(stack).synthesizedStackPath), file);
        mkdirSync(dirname(path), { recursive: true });
        rmSync(path, { force: true });
        writeFileSync(path, content);
      },
    });
  }
}
