import { blocksOf, blocksToRun, commandOf, documentedBlocks, notRun } from "../support/documented-commands";

/** What each document's blocks hold that the e2e test runs; it plays the documents in this order. */
const run = {
  "README.md": 6,
  "docs/adoption.md": 1,
};

test("every command of a document is run by e2e/development/documents.ts, or listed with what it needs", () => {
  const counted: Record<string, number> = {};
  for (const { document } of blocksToRun()) {
    counted[document] = (counted[document] ?? 0) + 1;
  }
  expect(counted).toEqual(run);
});

test("the list of what is not run names no command that is gone", () => {
  const written = documentedBlocks().flatMap(({ document, lines }) =>
    lines.map((line) => `${document}: ${commandOf(line)}`),
  );
  const listed = Object.entries(notRun).flatMap(([document, commands]) =>
    Object.keys(commands).map((command) => `${document}: ${command}`),
  );
  expect(listed.filter((command) => !written.includes(command))).toEqual([]);
});

test("blocks are read with their indentation taken off, and comments are no part of a command", () => {
  const text = "- item\n\n  ```sh\n  npm ci   # once\n\n  npm test\n  ```\n\n```ts\nconst x = 1;\n```\n";
  expect(blocksOf("a.md", text)).toEqual([{ document: "a.md", lines: ["npm ci   # once", "npm test"] }]);
  expect(commandOf("npm ci   # once")).toBe("npm ci");
});
