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

/**
 * Regular expressions of AWS WAF that together stand for the paths and everything below each; `*` stands for one segment.
 * None is longer than `maximum`, unless one path alone is.
 */
export function uploadPathRegexes(paths: readonly string[], maximum: number): string[] {
  const groups: string[][] = [];
  for (const path of paths) {
    const alternative = path.replace(/[.]/g, "\\$&").replace(/[*]/g, "[^/]+");
    const last = groups.at(-1);
    if (last && oneOf([...last, alternative]).length <= maximum) {
      last.push(alternative);
    } else {
      groups.push([alternative]);
    }
  }
  return groups.map(oneOf);
}

function oneOf(alternatives: readonly string[]): string {
  return `^(${alternatives.join("|")})(/|$)`;
}
