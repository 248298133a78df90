/**
 * The end-to-end suite: real commands, Terraform and the AWS emulator. Its files run one after another, because each of
 * them fills the machine; a step's own timeout is shorter than the one below.
 *
 * @type {import("jest").Config}
 */
module.exports = {
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
  testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.local"],
  setupFiles: ["<rootDir>/__tests__/e2e/support/environment.ts"],
  testTimeout: 600_000,
  maxWorkers: 1,
};
