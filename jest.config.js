const { availableParallelism } = require("node:os");

/** @type {import("jest").Config} */
module.exports = {
  // Jest's own choice leaves a core to itself: on two cores that is half of the time.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
  setupFiles: ["<rootDir>/__tests__/setup.ts"],
  testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/__tests__/e2e/"],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.local"],
};
