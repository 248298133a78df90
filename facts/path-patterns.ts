/** Paths of requests: CloudFront's patterns, and the upload paths of the web ACL. */

/** The pattern of the API, which is never cached. */
export const apiPattern = "/api/*";

/**
 * Whether one path can match both patterns, letter case aside. `*` stands for any characters, `?` for one, as in CloudFront's
 * path patterns.
 */
export function patternsMeet(first: string, second: string): boolean {
  const a = first.toLowerCase();
  const b = second.toLowerCase();
  const seen = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    if (i === a.length && j === b.length) {
      return true;
    }
    const key = i * (b.length + 1) + j;
    const known = seen.get(key);
    if (known !== undefined) {
      return known;
    }
    const result =
      (a[i] === "*" && (meet(i + 1, j) || (j < b.length && meet(i, j + 1)))) ||
      (b[j] === "*" && (meet(i, j + 1) || (i < a.length && meet(i + 1, j)))) ||
      (i < a.length && j < b.length && (a[i] === b[j] || a[i] === "?" || b[j] === "?") && meet(i + 1, j + 1));
    seen.set(key, result);
    return result;
  };
  return meet(0, 0);
}

/** A regular expression of AWS WAF for the paths and everything below each; `*` stands for one segment. */
export function uploadPathRegex(paths: readonly string[]): string {
  const alternatives = paths.map((path) => path.replace(/[.]/g, "\\$&").replace(/[*]/g, "[^/]+"));
  return `^(${alternatives.join("|")})(/|$)`;
}
