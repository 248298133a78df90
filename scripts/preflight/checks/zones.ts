import { constrainedZoneIds } from "../../../facts/zones";
import type { Check } from "../check";
import { type Finding, nothingFound } from "../finding";

/** The zones of the environment exist in this account, and are none of those that offer few instance types. */
export const zones: Check = {
  name: "zones",
  asks: ["ec2.DescribeAvailabilityZones"],
  run: async ({ ask, environment }) => {
    const { AvailabilityZones = [] } = await ask("ec2.DescribeAvailabilityZones", {
      Filters: [{ Name: "zone-type", Values: ["availability-zone"] }],
    });
    const available = AvailabilityZones.filter(({ State }) => State === "available");
    const isConstrained = (id = "") => (constrainedZoneIds as readonly string[]).includes(id);
    const offered = available
      .filter(({ ZoneId }) => !isConstrained(ZoneId))
      .map(({ ZoneName, ZoneId }) => `${ZoneName} (${ZoneId})`)
      .join(", ");
    const missing = environment.zones.filter((zone) => !available.some(({ ZoneName }) => ZoneName === zone));
    const constrained = available.filter(
      ({ ZoneName = "", ZoneId }) => environment.zones.includes(ZoneName) && isConstrained(ZoneId),
    );
    const fix = `choose zones of environments/${environment.name}.ts among ${offered}`;
    const findings = [
      ...missing.map((zone) => ({
        severity: "error" as const,
        what: `zone ${zone}`,
        got: `no such zone is available to this account in ${environment.region}`,
        needed: `${environment.zones.length} zones for the subnets, each by the name that it has in this account`,
        fix,
      })),
      ...constrained.map(({ ZoneName, ZoneId }) => ({
        severity: "error" as const,
        what: `zone ${ZoneName}`,
        got: `it is ${ZoneId} in this account, which offers few instance types`,
        needed: "a zone in which the database, the cache, the log store and Fargate are all offered",
        fix,
      })),
    ] satisfies Omit<Finding, "check">[];
    return findings.length === 0 ? nothingFound : { findings };
  },
};
