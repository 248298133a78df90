import fc from "fast-check";
import {
  addressCount,
  cidrBlocksOverlap,
  containsCidrBlock,
  enclosingCidrBlock,
  formatCidrBlock,
  parseCidrBlock,
  privateSubnetCidrBlocks,
  publicSubnetCidrBlocks,
  subnetCidrBlock,
} from "../../environments/subnets";
import { vpcCidrBlocks } from "./arbitrary";

function parsed(text: string) {
  const block = parseCidrBlock(text);
  if (!block) {
    throw new Error(`malformed: ${text}`);
  }
  return block;
}

test("the documented subnets of 10.0.0.0/16", () => {
  expect(privateSubnetCidrBlocks("10.0.0.0/16", 3)).toEqual(["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]);
  expect(publicSubnetCidrBlocks("10.0.0.0/16", 3)).toEqual(["10.0.10.0/24", "10.0.11.0/24", "10.0.12.0/24"]);
});

// Right-hand column: what `terraform console` (1.11.4) answers to cidrsubnet(block, 8, number).
test.each([
  ["10.0.0.0/16", 0, "10.0.0.0/24"],
  ["10.0.0.0/16", 255, "10.0.255.0/24"],
  ["172.31.0.0/16", 12, "172.31.12.0/24"],
  ["192.168.0.0/16", 1, "192.168.1.0/24"],
  ["10.1.128.0/17", 10, "10.1.133.0/25"],
  ["10.20.64.0/18", 3, "10.20.64.192/26"],
  ["10.20.64.0/18", 255, "10.20.127.192/26"],
  ["10.9.32.0/19", 11, "10.9.33.96/27"],
  ["100.64.16.0/20", 12, "100.64.16.192/28"],
  ["10.255.240.0/20", 255, "10.255.255.240/28"],
  ["128.0.0.0/16", 200, "128.0.200.0/24"],
])("cidrsubnet(%s, 8, %i) is %s", (vpc, number, expected) => {
  expect(subnetCidrBlock(vpc, number)).toBe(expected);
});

test.each([
  "10.0.0.0",
  "10.0.0/16",
  "10.0.0.256/16",
  "10.0.0.0/33",
  "010.0.0.0/16",
  "10.0.0.0/016",
  " 10.0.0.0/16",
  "::/0",
  "",
])("%j is no CIDR block", (text) => {
  expect(parseCidrBlock(text)).toBeUndefined();
});

test("what subnetCidrBlock refuses", () => {
  expect(() => subnetCidrBlock("10.0.0.0/25", 0)).toThrow(RangeError);
  expect(() => subnetCidrBlock("10.0.0.0", 0)).toThrow('no CIDR block of /0 to /24: "10.0.0.0"');
  for (const number of [-1, 256, 1.5, Number.NaN]) {
    expect(() => subnetCidrBlock("10.0.0.0/16", number)).toThrow(RangeError);
  }
});

const blocks = fc
  .record({ address: fc.nat({ max: 2 ** 32 - 1 }), prefix: fc.integer({ min: 0, max: 32 }) })
  .map((block) => enclosingCidrBlock(block, block.prefix));

test("parsing undoes formatting", () => {
  fc.assert(
    fc.property(blocks, (block) => {
      expect(parseCidrBlock(formatCidrBlock(block))).toEqual(block);
    }),
  );
});

test("two blocks overlap exactly if their address ranges do", () => {
  fc.assert(
    fc.property(blocks, blocks, (a, b) => {
      const lastOf = (block: typeof a) => block.address + addressCount(block.prefix) - 1;
      expect(cidrBlocksOverlap(a, b)).toBe(a.address <= lastOf(b) && b.address <= lastOf(a));
      expect(containsCidrBlock(a, b)).toBe(a.address <= b.address && lastOf(b) <= lastOf(a));
    }),
  );
});

test("subnets of any VPC: as many as zones, each inside, /28 or larger, none overlapping", () => {
  fc.assert(
    fc.property(vpcCidrBlocks, fc.integer({ min: 2, max: 3 }), (vpc, zones) => {
      const subnets = [...privateSubnetCidrBlocks(vpc, zones), ...publicSubnetCidrBlocks(vpc, zones)];
      expect(subnets).toHaveLength(2 * zones);
      for (const [index, subnet] of subnets.entries()) {
        expect(containsCidrBlock(parsed(vpc), parsed(subnet))).toBe(true);
        expect(parsed(subnet).prefix).toBe(parsed(vpc).prefix + 8);
        expect(parsed(subnet).prefix).toBeLessThanOrEqual(28);
        expect(subnets.slice(index + 1).filter((other) => cidrBlocksOverlap(parsed(subnet), parsed(other)))).toEqual(
          [],
        );
      }
    }),
  );
});
