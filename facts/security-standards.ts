/**
 * Standards of Security Hub CSPM, by the part of their ARN behind `standards/`.
 * Source: AWS Security Hub User Guide, "Standards reference for Security Hub CSPM".
 */
export const securityStandards = [
  "aws-foundational-security-best-practices/v/1.0.0",
  "cis-aws-foundations-benchmark/v/1.4.0",
  "cis-aws-foundations-benchmark/v/3.0.0",
  "nist-800-53/v/5.0.0",
  "nist-800-171/v/2.0.0",
  "pci-dss/v/4.0.1",
] as const;

export type SecurityStandard = (typeof securityStandards)[number];
