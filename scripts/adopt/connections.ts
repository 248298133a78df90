import { type Objects, resolve } from "./references";
import type { Values } from "./state-file";

/** Lists whose elements allow or carry traffic: one that is missing in the new list is cut off at the apply. */
export const connectionArguments: Readonly<Record<string, readonly string[]>> = {
  aws_security_group: ["ingress", "egress"],
  aws_default_security_group: ["ingress", "egress"],
  aws_route_table: ["route"],
  aws_default_route_table: ["route"],
};

const sources = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"] as const;

/** The security group rules of `before` that no rule of `after` covers, each reduced to its uncovered sources. */
export function lostRules(before: unknown, after: unknown, objects: Objects): Values[] {
  const rules = elements(before);
  const ours = elements(after);
  return rules.flatMap((rule): Values[] => {
    const covering = ours.filter((candidate) => coversPorts(candidate, rule));
    const reduced: Record<string, unknown> = { ...rule };
    for (const name of sources) {
      const covered = new Set(covering.flatMap((candidate) => resolve(candidate[name], objects, 0).values.flat()));
      reduced[name] = elements<unknown>(rule[name]).filter((source) => !covered.has(source));
    }
    reduced.self = rule.self === true && !covering.some(({ self }) => self === true);
    const uncovered = reduced.self === true || sources.some((name) => elements(reduced[name]).length > 0);
    return uncovered ? [reduced] : [];
  });
}

function coversPorts(candidate: Values, rule: Values): boolean {
  if (String(candidate.protocol) === "-1") {
    return true;
  }
  return (
    String(candidate.protocol) === String(rule.protocol) &&
    Number(candidate.from_port) <= Number(rule.from_port) &&
    Number(candidate.to_port) >= Number(rule.to_port)
  );
}

const destinations = ["cidr_block", "ipv6_cidr_block", "destination_prefix_list_id"] as const;

/** The routes of `before` to destinations that `after` has no route to. */
export function lostRoutes(before: unknown, after: unknown): Values[] {
  const routed = new Set(elements(after).map(destination));
  return elements(before).filter((route) => !routed.has(destination(route)));
}

export function destination(route: Values): string {
  return String(destinations.map((name) => route[name]).find(Boolean));
}

/** `tcp 443 from 0.0.0.0/0`, `all traffic to sg-1`. */
export function describeRule(direction: string, rule: Values): string {
  const { protocol, from_port: from, to_port: to } = rule;
  const what = String(protocol) === "-1" ? "all traffic" : `${protocol} ${from === to ? from : `${from}-${to}`}`;
  const peers = [
    ...sources.flatMap((name) => elements<unknown>(rule[name])),
    ...(rule.self === true ? ["itself"] : []),
  ];
  return `${what} ${direction === "ingress" ? "from" : "to"} ${peers.join(", ")}`;
}

function elements<T = Values>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
