import { Fn } from "cdktf";

export interface Statement {
  readonly Sid?: string;
  readonly Effect?: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Principal?: Readonly<Record<string, string | readonly string[]>> | "*";
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** An IAM policy document as JSON; a statement without Effect allows. */
export function policyDocument(...statements: Statement[]): string {
  return Fn.jsonencode({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });
}

/**
 * The condition by which a service acts for this account only, and there for sources of this ARN only (IAM User Guide, "The
 * confused deputy problem", cross-service). A service that does not send the keys is refused: it stands only where AWS documents
 * them for the service.
 */
export function actingFor(accountId: string, sourceArn?: string): Statement["Condition"] {
  return {
    StringEquals: { "aws:SourceAccount": accountId },
    ...(sourceArn && { ArnLike: { "aws:SourceArn": sourceArn } }),
  };
}

/** The trust policy of a role that one AWS service assumes, on behalf of any account unless the condition says which. */
export function assumedBy(service: string, condition?: Statement["Condition"]): string {
  return Fn.jsonencode({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Service: service },
        ...(condition && { Condition: condition }),
      },
    ],
  });
}

/**
 * The statement of a bucket's, queue's or topic's policy that refuses requests without TLS. A topic's policy refuses `sns:*`, which
 * holds actions that are none of a topic's; publishing is what AWS's own statement names (Amazon SNS Developer Guide, "Amazon SNS
 * security best practices", encryption in transit).
 */
export function denyInsecureTransport(service: "s3" | "sns" | "sqs", ...Resource: string[]): Statement {
  return {
    Sid: "DenyInsecureTransport",
    Effect: "Deny",
    Principal: "*",
    Action: [service === "sns" ? "sns:Publish" : `${service}:*`],
    Resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** The objects of a bucket whose keys begin in one of these ways. */
export function objectsBelow(bucketArn: string, prefixes: readonly string[]): string[] {
  return prefixes.map((prefix) => `${bucketArn}/${prefix}*`);
}

/**
 * The statement of a bucket's policy that leaves these actions to one role, however wide the permissions of others are.
 * @param roleArn of a role that may be made after the bucket
 */
export function denyOthers(
  Sid: string,
  roleArn: string,
  Action: readonly string[],
  Resource: readonly string[],
): Statement {
  return {
    Sid,
    Effect: "Deny",
    Principal: "*",
    Action,
    Resource,
    Condition: { ArnNotEquals: { "aws:PrincipalArn": roleArn } },
  };
}

/**
 * The statement of a locked bucket's policy by which nobody deletes an object: the lock lets a delete marker hide one, and GOVERNANCE
 * can be bypassed. S3's own expiration asks no policy.
 */
export function denyDeletion(bucketArn: string): Statement {
  return {
    Sid: "DenyDeletion",
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
    Resource: [`${bucketArn}/*`],
  };
}
