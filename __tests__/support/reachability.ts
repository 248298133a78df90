import type { Block, Synthesized } from "./synth";

/** Who may open a connection to whom: `aws_security_group.ecs -> aws_security_group.rds:5432`. */
export interface Connection {
  readonly from: string;
  readonly to: string;
  /** A port, or `all`. */
  readonly port: string;
}

interface Rule {
  readonly from: number;
  readonly to: number;
  /** Addresses of groups, and names of what lies outside the VPC. */
  readonly peers: readonly string[];
  /** The VPC, or everything: every group of the VPC is a peer too. */
  readonly wholeVpc: boolean;
}

interface Group {
  readonly address: string;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

/** What rules name by address rather than by group. */
const networks: Readonly<Record<string, { readonly name: string; readonly wholeVpc: boolean }>> = {
  "0.0.0.0/0": { name: "internet", wholeVpc: true },
  "::/0": { name: "internet", wholeVpc: true },
  "${aws_vpc.skymanuals.cidr_block}": { name: "vpc", wholeVpc: true },
  "${var.allowed_ips}": { name: "allowed_ips", wholeVpc: false },
};

const prefixLists: Readonly<Record<string, string>> = {
  "${data.aws_ec2_managed_prefix_list.cloudfront.id}": "cloudfront",
};

const everyPort = { from: 0, to: 65535 };

/**
 * Every connection that the security groups of a stack allow. One needs the caller's egress and the callee's ingress; a
 * rule that names addresses of the VPC holds for every group in it. Ends outside the VPC are `internet`, `cloudfront` and
 * `allowed_ips`.
 *
 * @throws Error on a rule that names what is not known here, or that is not inline
 */
export function connections(stack: Synthesized): Connection[] {
  const separate = stack.resources().filter(({ type }) => /^aws_(vpc_)?security_group_.*rule$/.test(type));
  if (separate.length > 0) {
    throw new Error(`not inline: ${separate.map(({ address }) => address).join(", ")}`);
  }
  const groups = stack.resources("aws_security_group").map(({ address, config }) => ({
    address,
    ingress: rules(address, config.ingress),
    egress: rules(address, config.egress),
  }));
  return [
    ...groups.flatMap((caller) => groups.flatMap((callee) => between(caller, callee))),
    ...groups.flatMap(({ address, ingress }) =>
      outside(ingress).map(({ peer, port }) => ({ from: peer, to: address, port })),
    ),
    ...groups.flatMap(({ address, egress }) =>
      outside(egress).map(({ peer, port }) => ({ from: address, to: peer, port })),
    ),
  ];
}

function between(caller: Group, callee: Group): Connection[] {
  const ports = caller.egress
    .filter((rule) => rule.wholeVpc || rule.peers.includes(callee.address))
    .flatMap((out) =>
      callee.ingress
        .filter((rule) => rule.wholeVpc || rule.peers.includes(caller.address))
        .map((into) => ({ from: Math.max(out.from, into.from), to: Math.min(out.to, into.to) })),
    )
    .filter(({ from, to }) => from <= to)
    .map(portName);
  return [...new Set(ports)].map((port) => ({ from: caller.address, to: callee.address, port }));
}

function outside(side: readonly Rule[]): { peer: string; port: string }[] {
  return side.flatMap((rule) =>
    rule.peers
      .filter((peer) => peer !== "vpc" && !peer.startsWith("aws_security_group."))
      .map((peer) => ({ peer, port: portName(rule) })),
  );
}

function portName({ from, to }: { readonly from: number; readonly to: number }): string {
  if (from === everyPort.from && to === everyPort.to) {
    return "all";
  }
  return from === to ? String(from) : `${from}-${to}`;
}

function rules(address: string, blocks: unknown): Rule[] {
  return ((blocks ?? []) as Block[]).map((block) => {
    const addresses = [block.cidr_blocks ?? [], block.ipv6_cidr_blocks ?? []].flat() as string[];
    const named = addresses.map((one) => known(address, networks, one));
    const lists = ((block.prefix_list_ids ?? []) as string[]).map((one) => known(address, prefixLists, one));
    const groups = ((block.security_groups ?? []) as string[]).map((reference) => {
      const group = /^\$\{(aws_security_group\.\w+)\.id\}$/.exec(reference)?.[1];
      if (!group) {
        throw new Error(`${address}: ${reference} is no group of this stack`);
      }
      return group;
    });
    const anyProtocol = block.protocol === "-1";
    if (!anyProtocol && block.protocol !== "tcp") {
      throw new Error(`${address}: protocol ${block.protocol}`);
    }
    return {
      ...(anyProtocol ? everyPort : { from: Number(block.from_port), to: Number(block.to_port) }),
      peers: [...named.map(({ name }) => name), ...lists, ...groups, ...(block.self ? [address] : [])],
      wholeVpc: named.some(({ wholeVpc }) => wholeVpc),
    };
  });
}

function known<T>(address: string, table: Readonly<Record<string, T>>, key: string): T {
  const value = table[key];
  if (value === undefined) {
    throw new Error(`${address}: ${key} is not known here: add it to the tables of this file`);
  }
  return value;
}

/** Every end that connections lead to from one end, over any number of steps. */
export function reachableFrom(start: string, all: readonly Connection[]): string[] {
  const seen = new Set<string>();
  const visit = (end: string) => {
    for (const { to } of all.filter(({ from }) => from === end)) {
      if (!seen.has(to)) {
        seen.add(to);
        visit(to);
      }
    }
  };
  visit(start);
  return [...seen].sort();
}
