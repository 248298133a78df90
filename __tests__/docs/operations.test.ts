import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { development } from "../../environments/development";
import { sizes } from "../../environments/sizes";
import { blocksOf } from "../support/documented-commands";
import {
  changed,
  servingStandby,
  synthesizeAccounts,
  synthesizeProduction,
  synthesizeServing,
} from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const document = "docs/operations.md";
const text = readFileSync(join(resolve(__dirname, "../.."), document), "utf8");

/** All that an environment may have. */
const everything = [
  ...synthesizeServing(),
  synthesizePlatform(servingStandby),
  synthesizeProduction({ size: sizes.large, edge: { standby: true } }),
  synthesizePlatform(
    changed(development, { region: "eu-central-1", zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }),
  ),
];

const alarms = [...everything, ...synthesizeAccounts()].flatMap((stack) =>
  ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"].flatMap((type) => stack.resources(type)),
);

/** Paragraphs by the anchors of their headings. */
const paragraphs = new Map(
  [...text.matchAll(/^### (.+)\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)].map(([, heading = "", body = ""]) => [
    heading.toLowerCase().replaceAll(" ", "-"),
    body,
  ]),
);

test("every alarm's description ends with a link to its paragraph", () => {
  expect(alarms.length).toBeGreaterThan(200);
  const lost = alarms.filter(({ config }) => {
    const [, anchor] = / Runbook: docs\/operations\.md#([a-z0-9-]+)$/.exec(String(config.alarm_description)) ?? [];
    return anchor === undefined || !paragraphs.has(anchor);
  });
  expect(lost.map(({ address, config }) => `${address}: ${config.alarm_description}`)).toEqual([]);
});

test("every paragraph is an alarm's", () => {
  const linked = new Set(alarms.map(({ config }) => String(config.alarm_description).split("#").at(-1)));
  expect([...paragraphs.keys()].filter((anchor) => !linked.has(anchor))).toEqual([]);
});

test.each([...paragraphs])("%s: what it means, what to look at first, and the command", (_, body) => {
  const [prose = ""] = body.split("```");
  expect(prose.trim().length).toBeGreaterThan(60);
  expect(blocksOf(document, body).flatMap(({ lines }) => lines)).not.toEqual([]);
});

const commands = blocksOf(document, text).flatMap(({ lines }) => lines);

test("every output that a command reads is one of every environment that serves", () => {
  const read = new Set(
    commands.flatMap((command) => [...command.matchAll(/terraform output -raw (\w+)/g)].map(([, name = ""]) => name)),
  );
  expect(read.size).toBeGreaterThan(15);
  const missing = everything.flatMap((stack) =>
    [...read].filter((name) => !(name in (stack.json.output as object))).map((name) => `${stack.name}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test("commands are those of the programs that the page asks for, and end where they begin", () => {
  const programs = /^(?:task=\$\(|runtime=\$\()?(aws [a-z0-9-]+ [a-z0-9-]+|curl|psql|npm run|cd) /;
  expect(commands.filter((command) => !programs.test(command))).toEqual([]);
  for (const command of commands) {
    const open = command.split("$(").length - 1;
    const closed = command.split(")").length - 1;
    expect([command, closed >= open]).toEqual([command, true]);
  }
});
