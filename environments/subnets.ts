/** IPv4 arithmetic on CIDR blocks, and the addresses that the subnets of a VPC take. */
export interface CidrBlock {
  /** First address as an unsigned 32-bit number. */
  readonly address: number;
  /** Prefix length, 0 to 32. */
  readonly prefix: number;
}

/** Bits that a subnet adds to the prefix of its VPC: a /16 holds 256 subnets of /24. */
export const subnetBits = 8;

/** Private subnet `[n]` is number `n + 1` of the VPC, as documented (10.0.1.0/24, 10.0.2.0/24, ...). */
export const firstPrivateSubnet = 1;

/** Public subnet `[n]` is number `n + 10` of the VPC, as documented (10.0.10.0/24, 10.0.11.0/24, ...). */
export const firstPublicSubnet = 10;

const octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const form = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}/(3[0-2]|[12]?[0-9])$`);

/** Reads `a.b.c.d/prefix` (RFC 4632; no leading zeros), host bits included; undefined where it is malformed. */
export function parseCidrBlock(text: string): CidrBlock | undefined {
  const match = form.exec(text);
  if (!match) {
    return undefined;
  }
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, prefix };
}

/** Writes `a.b.c.d/prefix`. */
export function formatCidrBlock({ address, prefix }: CidrBlock): string {
  return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".")}/${prefix}`;
}

/** Number of addresses in a block of this prefix length. */
export function addressCount(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** The block of this prefix length that the address lies in: its host bits are zero. */
export function enclosingCidrBlock({ address }: CidrBlock, prefix: number): CidrBlock {
  return { address: address - (address % addressCount(prefix)), prefix };
}

/** Whether every address of `inner` lies in `outer`. */
export function containsCidrBlock(outer: CidrBlock, inner: CidrBlock): boolean {
  return inner.prefix >= outer.prefix && enclosingCidrBlock(inner, outer.prefix).address === firstAddress(outer);
}

/** Whether two blocks share an address: one then contains the other. */
export function cidrBlocksOverlap(a: CidrBlock, b: CidrBlock): boolean {
  return containsCidrBlock(a, b) || containsCidrBlock(b, a);
}

function firstAddress(block: CidrBlock): number {
  return enclosingCidrBlock(block, block.prefix).address;
}

/**
 * Terraform's `cidrsubnet(vpcCidrBlock, 8, index)`.
 * @throws RangeError on a malformed block, one longer than /24, or an index outside 0 to 255
 */
export function subnetCidrBlock(vpcCidrBlock: string, index: number): string {
  const vpc = parseCidrBlock(vpcCidrBlock);
  if (!vpc || vpc.prefix + subnetBits > 32) {
    throw new RangeError(`no CIDR block of /0 to /${32 - subnetBits}: ${JSON.stringify(vpcCidrBlock)}`);
  }
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** subnetBits) {
    throw new RangeError(`no subnet number from 0 to ${2 ** subnetBits - 1}: ${index}`);
  }
  const prefix = vpc.prefix + subnetBits;
  return formatCidrBlock({ address: firstAddress(vpc) + index * addressCount(prefix), prefix });
}

/** CIDR blocks of the private subnets, one for each zone. */
export function privateSubnetCidrBlocks(vpcCidrBlock: string, zoneCount: number): string[] {
  return Array.from({ length: zoneCount }, (_, zone) => subnetCidrBlock(vpcCidrBlock, zone + firstPrivateSubnet));
}

/** CIDR blocks of the public subnets, one for each zone. */
export function publicSubnetCidrBlocks(vpcCidrBlock: string, zoneCount: number): string[] {
  return Array.from({ length: zoneCount }, (_, zone) => subnetCidrBlock(vpcCidrBlock, zone + firstPublicSubnet));
}
