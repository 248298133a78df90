import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alarmsChapter, dashboardChapter } from "./development/alarms";
import { archiveChapter } from "./development/archive";
import { cdktfChapter } from "./development/cdktf";
import { custodyChapter } from "./development/custody";
import { databaseChapter } from "./development/database";
import { Documents, documentsChapter } from "./development/documents";
import { releaseChapter } from "./development/release";
import { expectationOfGone } from "./support/development";
import { LocalRun } from "./support/local-run";
import { story } from "./support/story";

const stack = "skymanuals-development";
const local = new LocalRun("lifecycle", { ownProject: true });
const documents = new Documents(local);

/**
 * The whole of development is applied once, and what needs it is a chapter: an apply and its destroy are five minutes of the provider's
 * fixed waits. Chapters of one file, because Jest does not say which file is the last: an emulator that files shared would have
 * nobody to prove its destroy, or to end it after a failure.
 */
story(
  "skymanuals-development on a machine with no AWS account",
  (step, chapter) => {
    const realState = join(local.project, `terraform.${stack}.tfstate`);
    const sentinel = JSON.stringify({ version: 4, serial: 7, lineage: "real", note: "must never be read or written" });

    step("a newcomer's copy of the project, beside whatever runs on the default port", async () => {
      await documents.copyProject();
      writeFileSync(realState, sentinel);
      // A run takes the emulator that it finds, on whatever port.
      await documents.terminal.run({ lines: ["npm run emulator -- start --port 0"] });
    });

    step(
      "README: one command stands it up: nothing refused, nothing unimplemented, nothing left to change",
      async () => {
        const output = await documents.play("README.md", "npm run deploy:local");
        expect(output).toMatch(/^Nothing is left to change\. development stands after /m);
        expect(output).not.toMatch(/^FAILED/m);
        const [, requests, operations] =
          /^Emulator: (\d+) requests of (\d+) operations checked against AWS's API models: 0 refused, \d+ unknown enum values, 0 unimplemented$/m.exec(
            output,
          ) ?? [];
        expect(Number(requests)).toBeGreaterThan(100);
        expect(Number(operations)).toBeGreaterThan(50);
        // No other count: nothing was updated, replaced or deleted.
        const [, resources, created] =
          /^skymanuals-development: (\d+) resources \((\d+) created\); seconds: /m.exec(output) ?? [];
        expect(created).toBe(resources);
        expect(Number(resources)).toBeGreaterThan(80);
        expect(output).toMatch(/│ database_url_secret_arn +│ arn:aws:secretsmanager:\S+ +│/);
        expect((await local.emulator.inventory()).length).toBeGreaterThan(60);
      },
    );

    step("a run on what stands changes nothing, says so, and prints the outputs as a table", async () => {
      const { stdout, stderr } = await local.deploy().expectExit(0);
      expect(stderr).toContain(`${stack}: nothing to change`);
      expect(stdout).toContain("Nothing is left to change.");
      expect(stdout).toMatch(/│ database_address +│ \S+ +│/);
      expect(stdout).toMatch(/Emulator: \d+ requests of \d+ operations checked against AWS's API models: 0 refused/);
    });

    step("the state of a real deployment is as it was", async () => {
      expect(readFileSync(realState, "utf8")).toBe(sentinel);
      expect(readdirSync(local.project).filter((name) => name.startsWith(`.terraform.${stack}`))).toEqual([]);
    });

    chapter("the commands of the documents, as they are written", (step) => documentsChapter(step, documents));
    chapter("the database and its passwords", (step) => databaseChapter(step, local));
    chapter("the chain of custody", (step) => custodyChapter(step, local));
    chapter("the log archive", (step) => archiveChapter(step, local));
    chapter("cdktf and Terraform", (step) => cdktfChapter(step, local));
    chapter("a release", (step) => releaseChapter(step, local));
    // Last: alarms that have gone off stop a rollout.
    chapter("alarms", (step) => alarmsChapter(step, local));
    chapter("the dashboard", (step) => dashboardChapter(step, local));

    step("the state of a real deployment is as it was, still", async () => {
      expect(readFileSync(realState, "utf8")).toBe(sentinel);
    });

    step("destroy:local removes everything, the revisions before the release too, and proves it", async () => {
      // cdktf's state describes the same resources.
      rmSync(join(local.directory, "cdktf"), { recursive: true, force: true });
      const gone = expectationOfGone(local);
      const output = await documents.terminal.run({ lines: ["npm run destroy:local"] });
      expect(output).toMatch(/of the \d+ objects that the emulator listed before, none is left\./);
      expect(Number(/^development: (\d+) resources destroyed in /m.exec(output)?.[1])).toBeGreaterThan(80);
      expect(output).not.toMatch(/^(FAILED| {2}protected:| {2}left by a run| {2}made by cdktf)/m);
      expect(output).toContain("The emulator is stopped, and its state removed.");
      const [, deregistered = ""] = /^ {2}older revisions of task definitions, deregistered: (.*)$/m.exec(output) ?? [];
      const families = deregistered.split(", ").map((revision) => revision.replace(/:\d+$/, ""));
      expect([...new Set(families)].sort()).toEqual([`${stack}-api`, `${stack}-migrations`]);
      await gone();
    });
  },
  () => documents.remove(),
);
