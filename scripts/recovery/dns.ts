import { setTimeout as sleep } from "node:timers/promises";
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from "@aws-sdk/client-route-53";
import type { Stop } from "../command/stop";
import { CheckFailed } from "./evidence";

/** The zone of all CloudFront distributions, in which aliases to them stand (AWS CloudFormation, "AWS::Route53::RecordSet AliasTarget"). */
export const cloudfrontZoneId = "Z2FDTNDATAQYW2";

export interface Switched {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Points every alias record of a name to a CloudFront distribution, and reads them back. Done already, it changes nothing.
 *
 * @throws CheckFailed where the zone or the record does not exist, or another target is read back
 */
export async function switchName(
  route53: Route53Client,
  { api, zone }: { readonly api: string; readonly zone: string },
  target: string,
  stop: Stop,
): Promise<Switched> {
  const { HostedZones = [] } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: `${zone}.` }));
  const HostedZoneId = HostedZones.find(({ Name, Config }) => Name === `${zone}.` && !Config?.PrivateZone)?.Id;
  if (HostedZoneId === undefined) {
    throw new CheckFailed(`there is no public zone ${zone}`);
  }
  const before = await aliases(route53, HostedZoneId, api);
  if (before.length === 0) {
    throw new CheckFailed(`the zone ${zone} has no alias record of ${api}`);
  }
  const from = targetOf(before);
  const alias = { HostedZoneId: cloudfrontZoneId, DNSName: target, EvaluateTargetHealth: false };
  const { ChangeInfo } = await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId,
      ChangeBatch: {
        Comment: "Recovery: docs/recovery.md",
        Changes: before.map((record) => ({
          Action: "UPSERT",
          ResourceRecordSet: { Name: record.Name, Type: record.Type, AliasTarget: alias },
        })),
      },
    }),
  );
  await inSync(route53, ChangeInfo?.Id ?? "", stop);
  const to = targetOf(await aliases(route53, HostedZoneId, api));
  if (to !== target) {
    throw new CheckFailed(`${api} leads to ${to} after the change, not to ${target}`);
  }
  return { name: api, from, to };
}

async function aliases(route53: Route53Client, HostedZoneId: string, name: string): Promise<ResourceRecordSet[]> {
  const { ResourceRecordSets = [] } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: `${name}.` }),
  );
  return ResourceRecordSets.filter(({ Name, AliasTarget }) => Name === `${name}.` && AliasTarget !== undefined);
}

function targetOf(records: readonly ResourceRecordSet[]): string {
  return [...new Set(records.map(({ AliasTarget }) => AliasTarget?.DNSName?.replace(/\.$/, "")))].join(", ");
}

/** Until all of Route 53's servers have the change, at most ten minutes. */
async function inSync(route53: Route53Client, Id: string, stop: Stop): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const { ChangeInfo } = await route53.send(new GetChangeCommand({ Id }));
    if (ChangeInfo?.Status === "INSYNC") {
      return;
    }
    stop.throwIfRequested();
    await sleep(5_000);
  }
  throw new CheckFailed(`Route 53 has not made change ${Id} everywhere within 10 minutes`);
}
