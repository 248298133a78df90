/**
 * The end-to-end suite: real commands, Terraform and the AWS emulator. Two files run at once, each with folders and an
 * emulator of its own: most of their time is Terraform's waiting. A step's own timeout is shorter than the one below.
 *
 * @type {import("jest").Config}
 */
module.exports = {
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
  testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.local"],
  globalSetup: "<rootDir>/__tests__/e2e/support/setup.ts",
  globalTeardown: "<rootDir>/__tests__/e2e/support/teardown.ts",
  testSequencer: "<rootDir>/__tests__/e2e/support/sequencer.js",
  setupFiles: ["<rootDir>/__tests__/e2e/support/environment.ts"],
  testTimeout: 600_000,
  maxWorkers: 2,
};
