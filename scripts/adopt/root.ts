import type { Values } from "./state-file";

/** A resource of the synthesized stack. */
export interface OurResource {
  /** `aws_subnet.private`. */
  readonly address: string;
  readonly type: string;
  readonly label: string;
  /** undefined: one instance without an index. */
  readonly count: number | undefined;
  /** Arguments as in cdk.tf.json: literals, and strings with `${...}`. */
  readonly arguments: Values;
}

interface Synthesized {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

const metaArguments = new Set(["//", "count", "for_each", "depends_on", "lifecycle", "provider", "provisioner"]);

/** The resources of a synthesized stack (the parsed cdk.tf.json), by address. */
export function readRoot(synthesized: unknown): Map<string, OurResource> {
  const resources = Object.entries((synthesized as Synthesized).resource ?? {}).flatMap(([type, labels]) =>
    Object.entries(labels).map(([label, config]): [string, OurResource] => {
      const address = `${type}.${label}`;
      const count = typeof config.count === "number" ? config.count : undefined;
      const args = Object.fromEntries(Object.entries(config).filter(([name]) => !metaArguments.has(name)));
      return [address, { address, type, label, count, arguments: args }];
    }),
  );
  return new Map(resources);
}

/** The instance addresses of a resource. */
export function instanceAddresses({ address, count }: Pick<OurResource, "address" | "count">): string[] {
  return count === undefined ? [address] : Array.from({ length: count }, (_, index) => `${address}[${index}]`);
}

/** `aws_subnet.private[1]` as its resource and index. */
export function splitAddress(address: string): { resource: string; index: number | undefined } {
  const match = /^(.*)\[(\d+)\]$/.exec(address);
  return match ? { resource: match[1] as string, index: Number(match[2]) } : { resource: address, index: undefined };
}
