import { ApplyProgress } from "../../../scripts/terraform/apply-progress";
import type { TerraformEvent } from "../../../scripts/terraform/run";

const event = (type: string, addr: string, action = "create") =>
  ({ type, hook: { action, resource: { addr } } }) as unknown as TerraformEvent;

test("an apply counts creations, updates and deletions, not reads, and names the longest ones under way", () => {
  const counted = new ApplyProgress(3);
  for (const address of ["a.a", "b.b", "c.c", "d.d"]) {
    counted.push(event("apply_start", address));
  }
  counted.push(event("apply_start", "data.x.y", "read"));
  counted.push(event("apply_complete", "data.x.y", "read"));
  counted.push(event("apply_complete", "a.a"));
  expect(String(counted)).toBe("1 of 3: b.b 0 s, c.c 0 s, d.d 0 s");
  counted.push(event("apply_errored", "b.b"));
  expect(String(counted)).toBe("1 of 3: c.c 0 s, d.d 0 s");
});
