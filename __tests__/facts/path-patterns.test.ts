import fc from "fast-check";
import { apiPattern, patternsMeet, uploadPathRegexes } from "../../facts/path-patterns";

test.each([
  ["/api/*", true],
  ["/api/docs/*", true],
  ["/*", true],
  ["*.css", true],
  ["/a*", true],
  ["/API/*", true],
  ["/???/x", true],
  ["*", true],
  ["/static/*", false],
  ["/api", false],
  ["/api?docs", true],
  ["/apis/*", false],
  ["/favicon.ico", false],
  ["/*.ico", true],
])("%s meets the paths of the API: %s", (pattern, meets) => {
  expect(patternsMeet(pattern, apiPattern)).toBe(meets);
});

const characters = fc.constantFrom("a", "b", "/");
const wild = fc.constantFrom("a", "b", "/", "*", "?");
const regex = (pattern: string) =>
  new RegExp(`^${pattern.replace(/[*?]/g, (wildcard) => (wildcard === "*" ? "[^]*" : "[^]"))}$`);

test("patterns that one path matches meet, whichever comes first", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: wild, maxLength: 6 }),
      fc.string({ unit: wild, maxLength: 6 }),
      fc.string({ unit: characters, maxLength: 6 }),
      (one, other, path) => {
        expect(patternsMeet(one, other)).toBe(patternsMeet(other, one));
        if (regex(one).test(path) && regex(other).test(path)) {
          expect(patternsMeet(one, other)).toBe(true);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("patterns of letters and ? meet only where some path matches both", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b", "?"), maxLength: 5 }), (one) => {
      const other = one.replace(/[a?]/g, "b");
      expect(patternsMeet(one, other)).toBe(!one.includes("a"));
    }),
  );
});

test("an upload path stands for itself and what lies below it, and * for one segment", () => {
  expect(uploadPathRegexes(["/api/manuals", "/v1.0/*/files"], 200)).toEqual([
    "^(/api/manuals|/v1\\.0/[^/]+/files)(/|$)",
  ]);
});

test("no expression of upload paths is longer than allowed, unless one path is", () => {
  expect(uploadPathRegexes(["/a/b", "/a/c", "/a/d"], 17)).toEqual(["^(/a/b|/a/c)(/|$)", "^(/a/d)(/|$)"]);
  expect(uploadPathRegexes(["/a/b", "/a/c", "/a/d"], 16)).toHaveLength(3);
  expect(uploadPathRegexes(["/a/bcd"], 5)).toEqual(["^(/a/bcd)(/|$)"]);
});
