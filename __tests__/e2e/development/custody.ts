import { waitFor } from "../support/command";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";

const stack = "skymanuals-development";

/** The chain of custody is fed by the bucket, through the queue and the function. */
export function custodyChapter(step: Step, local: LocalRun): void {
  step("a chunk is recorded within seconds, and a message that nobody can read ends in the dead letters", async () => {
    const { url } = local.emulator;
    const put = (key: string, type: string, body: string) =>
      fetch(`${url}/development-skymanuals-chunks/${key}`, {
        method: "PUT",
        headers: { "content-type": type },
        body,
      });
    const sqs = async (queue: string, body: Record<string, string>) => {
      const answer = await fetch(`${url}/111111111111/${stack}-chunks-custody${queue}`, {
        method: "POST",
        body: new URLSearchParams(body),
      });
      return answer.text();
    };
    const verify = async () => {
      const { stdout } = await local.npm("verify:custody", ["development", "--json"]).finish();
      return JSON.parse(stdout);
    };
    const { records } = await verify();
    expect((await put("manuals/a.json", "application/json", "{}")).status).toBe(200);
    expect(await sqs("", { Action: "SendMessage", MessageBody: "unreadable" })).toContain("<MessageId>");
    expect((await put("manuals/b.txt", "text/plain", "Part B")).status).toBe(200);
    const report = await waitFor("two records", async () => {
      const found = await verify();
      return found.records === records + 2 ? found : undefined;
    });
    expect(report).toMatchObject({ ok: true });
    await waitFor("the dead letter", async () =>
      (await sqs("-dead-letters", { Action: "ReceiveMessage" })).includes("<Body>unreadable</Body>"),
    );
    expect((await verify()).records).toBe(records + 2);
  });
}
