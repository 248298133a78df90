/** Files that take minutes, the longest first: one that is begun last would be waited for alone. */
const longest = ["lifecycle", "interruptions", "adoption", "production", "node-versions", "emulator"];

const rank = ({ path }) => {
  const found = longest.findIndex((name) => path.endsWith(`/${name}.test.ts`));
  return found === -1 ? longest.length : found;
};

/** The order in which the end-to-end suite's files are begun: the same everywhere, whatever an earlier run took. */
module.exports = class {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
};
