import type * as v from "valibot";
import { tasksPerService } from "../../facts/aws-limits";
import { ecrRepositoryUrlForm, hasForm, imageTagForm } from "../../facts/forms";
import { regions } from "../../facts/regions";
import { canonicalTimeZones, timeZones } from "../../facts/time-zones";
import { hyphenatedName } from "../validation/forms";
import { didYouMean } from "../validation/problems";
import {
  type Finding,
  flag,
  integer,
  listOf,
  orNull,
  record,
  repeated,
  ruled,
  text,
  version,
} from "../validation/rules";
import { overlap, parseSchedule, staysOpen } from "../validation/schedules";
import { cpu, fargatePair, memoryMiB } from "./fargate";

const repositoryForm = "<account id>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest";

const ecrRepositoryUrl = text(repositoryForm, (url) => {
  if (hasForm(url, ecrRepositoryUrlForm)) {
    return true;
  }
  const bare = url
    .replace(/^https?:\/\//, "")
    .replace(/(@sha256:[0-9a-f]*|:[A-Za-z0-9_.-]*)$/, "")
    .toLowerCase()
    .replace(/([._/-])[._/-]+/g, "$1")
    .replace(/[._/-]+$/, "");
  const inRegion = /^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/./.exec(bare)?.[1];
  if (inRegion !== undefined && !regions.some((known) => known === inRegion)) {
    return `name the region of the repository: there is no ${inRegion}`;
  }
  return hasForm(bare, ecrRepositoryUrlForm)
    ? `write "${bare}"${/[:@]/.test(url.replace(/^https?:/, "")) ? "; the tag goes to api.imageTag" : ""}`
    : 'write it as "111111111111.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api"';
});

export const imageTag = text(
  "a tag other than latest (letters, digits, _ . -, at most 128), or sha256: and 64 hexadecimal digits",
  (tag) => {
    if (tag === "latest") {
      return "name the release, such as 1.0.0, or the digest: latest says nothing of what runs";
    }
    if (tag.startsWith("sha256:")) {
      return (
        hasForm(tag, imageTagForm) ||
        "copy the whole digest: aws ecr describe-images --query imageDetails[].imageDigest"
      );
    }
    return hasForm(tag, imageTagForm) || "use a tag such as 1.0.0";
  },
);

const scalingSchedule = text(
  "cron(<minute> <hour> <day of month> <month> <day of week> <year>) with one ? for a day, or at(<yyyy-mm-dd>T<hh:mm:ss>)",
  (schedule) => {
    const parsed = parseSchedule(schedule);
    return typeof parsed === "string" ? parsed : true;
  },
);

const timezone = text("UTC, or the IANA name of a time zone such as Europe/Stockholm", (name) => {
  const canonical = canonicalTimeZones.get(name);
  if (canonical !== undefined) {
    return `write "${canonical}", the canonical name: Application Auto Scaling documents no other`;
  }
  return timeZones.has(name) || didYouMean(name, timeZones) || "use UTC";
});

/** While one is open, a plan shows the bounds of the service as changed from outside, and an apply ends it early. */
const scalingWindow = record({
  /** Part of the names of the window's two actions. */
  name: hyphenatedName({ minimum: 1, maximum: 32 }, "use a name such as maintenance"),
  /** When the window opens. */
  start: scalingSchedule,
  /** When it closes: the service's own bounds, `api_desired_count` and the size's `apiMaximumCount`, hold again. */
  end: scalingSchedule,
  /** Time zone of `start` and `end`. */
  timezone,
  /** Fewest tasks while the window is open. */
  minimum: integer(1, tasksPerService, "tasks"),
  /** Most tasks while the window is open, at least `minimum`. */
  maximum: integer(1, tasksPerService, (_, to) => `a whole number of tasks from minimum to ${to}`),
});

type ScalingWindow = v.InferOutput<typeof scalingWindow>;

/** Each window with its schedules read; one whose start is its end is reported by itself. */
function readWindows(windows: readonly ScalingWindow[]) {
  return windows.flatMap(({ start, end, timezone }, index) => {
    const [opens, closes] = [parseSchedule(start), parseSchedule(end)];
    return start === end || typeof opens === "string" || typeof closes === "string"
      ? []
      : [{ index, window: { start: opens, end: closes, timezone } }];
  });
}

function windowsThatStayOpen(windows: readonly ScalingWindow[]): Finding[] {
  return readWindows(windows)
    .filter(({ window }) => staysOpen(window))
    .map(({ index }) => ({
      path: [index, "end"],
      allowed: "a time after every start: the window's bounds hold until it ends",
      fix: `name a time after ${windows[index]?.start}, in the last of its years`,
    }));
}

function overlappingWindows(windows: readonly ScalingWindow[]): Finding[] {
  const readable = readWindows(windows).filter(({ window }) => !staysOpen(window));
  return readable.flatMap(({ index, window }) => {
    const other = readable.find((earlier) => earlier.index < index && overlap(earlier.window, window));
    const name = windows[other?.index ?? 0]?.name;
    return other === undefined
      ? []
      : [
          {
            path: [index, "start"],
            allowed: "windows that neither overlap nor touch: where one ends, the service's own bounds hold again",
            fix: `open it after ${name}, api.scheduledScaling[${other.index}], has ended, or make the two one window`,
          },
        ];
  });
}

/** Spot takes tasks away on two minutes' notice, and a change of a running service's capacity replaces it. */
const noSpotForTheApi =
  "remove it: the API runs on FARGATE, because Spot takes tasks away while they serve; logstash.capacity may be FARGATE_SPOT";

export const api = ruled(
  record(
    {
      /**
       * Default of the variable `ecr_repository_url`: registry and repository, without tag. Null: the repository
       * `<prefix>-api`, which the stack creates.
       */
      ecrRepositoryUrl: orNull(ecrRepositoryUrl, `${repositoryForm}, or null for a repository of our own`),
      /**
       * Default of the variable `api_image_tag`. It is the first image; after that the SSM parameter `/<prefix>/api/image`
       * says what runs, and releases write it.
       */
      imageTag,
      /** Fargate CPU units: 1024 is one vCPU. */
      cpu,
      /** Fargate memory in MiB, one that AWS pairs with `cpu`. */
      memoryMiB,
      /** Raise it to rotate JWT_SECRET: every session signed with the old one ends. */
      jwtSecretVersion: version,
      /** Raise it to rotate the header by which a public load balancer recognises the distribution; an internal one has none. */
      originSecretVersion: version,
      /** Autoscaling adds tasks above so many requests per minute and task. */
      requestsPerMinutePerTask: integer(1, 1_000_000, "requests"),
      /**
       * An apply that changes the API's service waits until ECS has replaced its tasks, and fails where they do not become healthy
       * and ECS goes back to the revision before. True once an image has been pushed: without one no task starts, and an apply
       * fails after the twenty minutes that it waits.
       */
      waitForSteadyState: flag,
      /** Times in which autoscaling has other bounds, such as a maintenance window; empty for none. */
      scheduledScaling: ruled(
        listOf(scalingWindow, "a list of scaling windows; empty for none"),
        {
          find: (windows) =>
            windows.map(
              ({ minimum, maximum }, index) =>
                maximum < minimum && {
                  path: [index, "maximum"],
                  allowed: `at least minimum, ${minimum}`,
                  fix: `use ${minimum} or more, or lower minimum to ${maximum}`,
                },
            ),
        },
        {
          find: (windows) =>
            repeated(windows.map(({ name }) => name)).map(({ index, value, first }) => ({
              path: [index, "name"],
              allowed: "distinct names",
              fix: `choose another: api.scheduledScaling[${first}] is ${value} already`,
            })),
        },
        {
          find: (windows) =>
            windows.map(
              ({ start, end }, index) =>
                start === end && {
                  path: [index, "end"],
                  allowed: "another time than start",
                  fix: "name the time at which the service's own bounds hold again",
                },
            ),
        },
        { find: windowsThatStayOpen },
        { find: overlappingWindows },
      ),
    },
    {
      capacity: noSpotForTheApi,
      spot: noSpotForTheApi,
      capacityProvider: noSpotForTheApi,
      launchType: noSpotForTheApi,
    },
  ),
  fargatePair,
);
