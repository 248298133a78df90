import { run } from "../support/command";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";

const stack = "skymanuals-development";

/** A release on the whole platform; release.test.ts has the others. */
export function releaseChapter(step: Step, local: LocalRun): void {
  step("a release migrates the database and replaces the API's tasks", async () => {
    const env = await local.environment();
    await local.emulator.push(`${stack}-api`, "1.4.2");
    const npm = (script: string, args: readonly string[], expected: number) =>
      run("npm", ["run", "--silent", script, "--", ...args], { cwd: local.project, env, expected });
    await npm("release", ["development", "1.4.2"], 0);
    // Nobody has pushed Logstash's image.
    const { stdout } = await npm("rollout", ["development", "--json"], 1);
    expect(JSON.parse(stdout).rollouts).toMatchObject([
      { service: `${stack}-api`, state: "completed", image: expect.stringMatching(/:1\.4\.2$/) },
      { service: `${stack}-logstash`, state: "failed", imageMissing: expect.stringContaining("has no image") },
    ]);
  });
}
